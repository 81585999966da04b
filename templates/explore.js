"use strict"
// What a reader chooses here is settings of the grid, axes of the plot, and cells. Every view is drawn from that choice.
{
  const data = JSON.parse(document.getElementById("data").textContent)
  const find = id => document.getElementById(id)
  const cells = data.cells.map((cell, number) => ({ ...cell, number }))
  const rows = [...document.querySelectorAll("#rows tbody tr")]
  const ticks = [...document.querySelectorAll("[data-axis]")]
  const touch = matchMedia("(pointer: coarse)").matches
  const MOST = 40, FIRST = 8, KEYED = 12 // curves drawn, drawn without a choice, and named beneath the plot
  const DASHES = [[1, 0], [7, 3], [2, 2], [9, 3, 2, 3], [14, 4], [4, 4], [12, 3, 2, 3, 2, 3], [1, 4]]
  const NONE = -1

  const chosen = new Set() // numbers of cells
  let brushed = false // whether the choice is the rectangle's
  let plot = null, curves = null

  // ------------------------------------------------------------------------------------------------ what is shown
  const shown = () => {
    const open = data.grid.map(() => new Set())
    for (const tick of ticks) if (tick.checked) open[tick.dataset.axis].add(Number(tick.dataset.value))
    return cells.filter(cell => cell.at.every((value, axis) => open[axis].has(value)))
  }
  const count = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`
  const paint = architecture => `var(--${data.architectures[architecture].colour})`
  const fits = (value, log) => value !== null && (!log || value > 0)
  // where a value is drawn: a logarithmic axis of a value with a ceiling, as accuracy, is one of the distance from it,
  // or all good cells would be one line
  const mirrored = (number, log) => log && data.axes[number].ceiling !== null
  const place = (number, value, log) => {
    const { ceiling } = data.axes[number]
    return value !== null && mirrored(number, log) ? Math.max(ceiling - value, ceiling / 10000) : value
  }

  // --------------------------------------------------------------------------------------------- how it is drawn
  const config = {
    background: "transparent",
    font: getComputedStyle(document.body).fontFamily,
    view: { stroke: null },
    axis: {
      labelColor: "var(--muted)", titleColor: "var(--muted)", gridColor: "var(--rule)", domainColor: "var(--rule)",
      ticks: false, labelFontSize: 12, titleFontSize: 12.5, titleFontWeight: "normal", labelPadding: 7, titlePadding: 10,
      labelOverlap: "greedy", labelSeparation: 8,
    },
  }
  // from the least to the greatest of what is drawn: an axis of nothing would make the library complain
  const scale = (log, values, padding = 14) => {
    const known = values.filter(value => value !== undefined && value !== null)
    const least = known.reduce((a, b) => Math.min(a, b), Infinity), most = known.reduce((a, b) => Math.max(a, b), -Infinity)
    const room = least === most ? Math.abs(least) * 0.1 || 1 : 0
    const domain = known.length ? [log ? least / (room ? 2 : 1) : least - room, log ? most * (room ? 2 : 1) : most + room] : [1, 2]
    return { type: log ? "log" : "linear", domain, nice: false, padding, ...(log ? {} : { zero: false }) }
  }
  // plain numbers, grouped by thousands; the ticks of a logarithmic axis start with 1, 2 or 5, over many powers with 1
  const axis = (title, { type, domain, reverse }, ceiling = 0) => {
    const look = { title, tickCount: 6, labelExpr: `format(${reverse ? `${ceiling} - datum.value` : "datum.value"}, ',~r')` }
    if (type !== "log") return look
    const powers = []
    for (let power = Math.floor(Math.log10(domain[0])); power <= Math.log10(domain[1]); power++) powers.push(10 ** power)
    const inside = powers.flatMap(power => [1, 2, 5].map(first => first * power)).filter(at => at >= domain[0] && at <= domain[1])
    return { ...look, values: inside.length > 12 ? powers : inside.length > 1 ? inside : [...domain] }
  }
  const colours = {
    type: "nominal", legend: null,
    scale: { domain: data.architectures.map((_, i) => i), range: data.architectures.map((_, i) => paint(i)) },
  }
  const shapes = {
    field: "architecture", type: "nominal", legend: null,
    scale: { domain: data.architectures.map((_, i) => i), range: data.architectures.map(a => a.shape) },
  }
  const colour = { field: "architecture", ...colours }
  const lit = { name: "lit", value: NONE }
  const isLit = "datum.cell === lit"

  const draw = async (element, spec) => (await drawPlot(element, {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    width: "container", height: innerWidth < 640 ? 300 : 400, autosize: { type: "fit-x", contains: "padding" }, config, ...spec,
  }, { actions: false, ast: true, defaultStyle: false, hover: false, renderer: "svg", tooltip: tip })).view

  // -------------------------------------------------------------------------------------------- what a mark says
  const box = find("tip")
  const tip = (_, event, item, value) => {
    const datum = item?.datum
    const known = Boolean(value) && datum?.cell !== undefined
    light(known ? datum.cell : NONE)
    box.hidden = !known
    if (!known) return
    const cell = cells[datum.cell]
    // text nodes: a name is never read as markup
    const lines = datum.says ? [datum.says] : data.axes.map((of, i) =>
      `${of.heading} ${cell.texts[i]}${cell.intervals[i] ? ` (${of.interval}: ${cell.intervals[i]})` : ""}`)
    if (!datum.says) lines.push(`${cell.trials} trials OK, ${count(cell.seeds.length, "seed")}`)
    const name = document.createElement("b")
    name.textContent = cell.label
    box.replaceChildren(name, ...lines.map(line => Object.assign(document.createElement("div"), { textContent: line })))
    const left = Math.min(event.clientX + 16, innerWidth - box.offsetWidth - 8)
    const below = event.clientY + 16
    const top = below + box.offsetHeight < innerHeight ? below : event.clientY - box.offsetHeight - 12
    Object.assign(box.style, { left: `${Math.max(8, left)}px`, top: `${Math.max(8, top)}px` })
  }
  let last = NONE
  const light = number => {
    if (number === last) return
    last = number
    rows.forEach(row => row.classList.toggle("lit", Number(row.dataset.cell) === number))
    for (const view of [plot, curves]) view?.signal("lit", number).runAsync()
  }

  // -------------------------------------------------------------------------------------------------- the plot
  const plotAxes = () => ({
    x: Number(find("across").value), y: Number(find("up").value),
    xLog: find("across-log").checked, yLog: find("up-log").checked,
  })
  const drawable = () => {
    const { x, y, xLog, yLog } = plotAxes()
    return shown().filter(cell => fits(place(x, cell.values[x], xLog), xLog) && fits(place(y, cell.values[y], yLog), yLog))
  }
  const marks = () => {
    const { x, y, xLog, yLog } = plotAxes()
    const stands = cell => chosen.size === 0 || chosen.has(cell.number)
    const end = (number, value, log) => fits(place(number, value, log), log) ? place(number, value, log) : undefined
    const points = drawable().map(cell => ({
      cell: cell.number, architecture: cell.architecture, says: "", name: cell.label, on: stands(cell),
      x: end(x, cell.values[x], xLog), xLow: end(x, cell.low[x], xLog), xHigh: end(x, cell.high[x], xLog),
      y: end(y, cell.values[y], yLog), yLow: end(y, cell.low[y], yLog), yHigh: end(y, cell.high[y], yLog),
    }))
    const seeds = drawable().flatMap(cell => cell.seeds
      .map(([seed, values]) => ({
        cell: cell.number, architecture: cell.architecture, says: `seed ${seed}`, name: cell.label, on: stands(cell),
        x: end(x, values[x], xLog), y: end(y, values[y], yLog),
      }))
      .filter(seed => seed.x !== undefined && seed.y !== undefined))
    return { points, seeds }
  }
  const faint = (full, pale) => ({ condition: [{ test: isLit, value: 1 }, { test: "datum.on", value: full }], value: pale })
  const plotSpec = () => {
    const { x, y, xLog, yLog } = plotAxes()
    const { points, seeds } = marks()
    const many = points.length > 100
    const turned = (number, log) => mirrored(number, log) ? { reverse: true } : {}
    const xScale = { ...turned(x, xLog), ...scale(xLog, [...points.flatMap(p => [p.x, p.xLow, p.xHigh]), ...seeds.map(p => p.x)]) }
    const yScale = { ...turned(y, yLog), ...scale(yLog, [...points.flatMap(p => [p.y, p.yLow, p.yHigh]), ...seeds.map(p => p.y)]) }
    const across = field => ({ field, type: "quantitative", scale: xScale, axis: axis(data.axes[x].title, xScale, data.axes[x].ceiling) })
    const upwards = field => ({ field, type: "quantitative", scale: yScale, axis: axis(data.axes[y].title, yScale, data.axes[y].ceiling) })
    const rule = { type: "rule", strokeWidth: 1.6, aria: false }
    return {
      datasets: { points, seeds },
      description: `${data.axes[y].heading} against ${data.axes[x].heading}; the table has the numbers`,
      params: [lit],
      layer: [
        {
          data: { name: "seeds" }, mark: { type: "point", filled: true, size: many ? 10 : 22, aria: false },
          encoding: { x: across("x"), y: upwards("y"), color: colour, shape: shapes, opacity: faint(0.45, 0.06), tooltip: { field: "name" } },
        },
        {
          data: { name: "points" }, transform: [{ filter: "isValid(datum.yLow) && isValid(datum.yHigh)" }], mark: rule,
          encoding: { x: across("x"), y: upwards("yLow"), y2: { field: "yHigh" }, color: colour, opacity: faint(0.9, 0.08) },
        },
        {
          data: { name: "points" }, transform: [{ filter: "isValid(datum.xLow) && isValid(datum.xHigh)" }], mark: rule,
          encoding: { x: across("xLow"), x2: { field: "xHigh" }, y: upwards("y"), color: colour, opacity: faint(0.9, 0.08) },
        },
        {
          data: { name: "points" },
          params: touch ? [] : [{ name: "brush", select: { type: "interval", mark: { fill: "var(--muted)", fillOpacity: 0.12, stroke: "var(--muted)" } } }],
          mark: { type: "point", filled: true, stroke: "var(--paper)", strokeWidth: 1, cursor: "pointer" },
          encoding: {
            x: across("x"), y: upwards("y"), color: colour, shape: shapes, opacity: faint(1, 0.18), tooltip: { field: "name" },
            size: { condition: { test: isLit, value: 220 }, value: many ? 40 : points.length > 30 ? 75 : 110 }, description: { field: "name" },
          },
        },
      ],
    }
  }
  const drawCells = async () => {
    if (!find("plot")) return
    plot?.finalize()
    brushed = false // the rectangle goes with the old drawing, what it chose stays
    plot = await draw(find("cells-plot"), plotSpec())
    // the rectangle is a tool, no picture that would need a name
    for (const part of find("cells-plot").querySelectorAll("g[class*=brush_brush]")) part.setAttribute("aria-hidden", "true")
    if (!touch) plot.addSignalListener("brush", (_, area) => {
      if (!area.x || !area.y) return
      const { x, y, xLog, yLog } = plotAxes()
      const inside = (value, [low, high]) => value >= Math.min(low, high) && value <= Math.max(low, high)
      brushed = true
      chosen.clear()
      for (const cell of drawable()) {
        if (inside(place(x, cell.values[x], xLog), area.x) && inside(place(y, cell.values[y], yLog), area.y)) chosen.add(cell.number)
      }
      soon()
    })
    // a click is no drag: the end of a rectangle must not choose anything
    let from = null
    plot.addEventListener("pointerdown", event => { from = [event.clientX, event.clientY] })
    plot.addEventListener("click", (event, item) => {
      if (from && Math.hypot(event.clientX - from[0], event.clientY - from[1]) > 4) return
      const cell = item?.datum?.cell
      if (brushed || cell === undefined) chosen.clear()
      brushed = false
      if (cell !== undefined) toggle(cell)
      follow()
    })
  }
  const refreshCells = () => {
    if (!find("plot")) return
    const here = drawable().length, all = shown().length
    if (plot) {
      const { points, seeds } = marks()
      plot.data("points", points).data("seeds", seeds).runAsync()
      const why = all - here
      const { x, y, xLog, yLog } = plotAxes()
      const turned = mirrored(y, yLog) ? data.axes[y] : mirrored(x, xLog) ? data.axes[x] : null
      find("cells-note").textContent = "A large mark is a cell, with its intervals; small marks are its seeds. Axes need not start at 0."
        + (turned ? ` Equal steps on the axis of ${turned.heading} divide its distance from ${turned.ceiling_text} by the same factor.` : "")
        + (why ? ` ${count(why, "cell")} of those shown ${why === 1 ? "has" : "have"} no value on these axes.` : "")
    }
  }

  // ------------------------------------------------------------------------------------------------ the curves
  const drawn = () => {
    const here = shown().filter(cell => cell.lines.length)
    const wanted = here.filter(cell => chosen.has(cell.number))
    const over = find("over").value
    const timed = list => over === "seconds" ? list.filter(cell => cell.elapsed.length) : list
    const kind = Number(find("curve").value)
    const recorded = timed(chosen.size ? wanted : here).filter(cell => cell.lines[kind].middle.some(text => text !== "-"))
    return recorded.slice(0, chosen.size ? MOST : FIRST)
  }
  const dashOf = list => {
    const order = {}
    return list.map(cell => (order[cell.architecture] = (order[cell.architecture] ?? -1) + 1) % DASHES.length)
  }
  const curveSpec = () => {
    const list = drawn(), dashes = dashOf(list), log = find("curve-log").checked
    const kind = Number(find("curve").value), seconds = find("over").value === "seconds"
    const values = list.flatMap((cell, order) => cell.lines[kind].middle.flatMap((text, epoch) => {
      // the text is what was printed; its number is what is drawn
      const y = Number.parseFloat(text), x = seconds ? cell.elapsed[epoch] : epoch + 1
      if (!fits(Number.isNaN(y) ? null : y, log) || x === null || x === undefined) return []
      const low = cell.lines[kind].low[epoch], high = cell.lines[kind].high[epoch]
      return [{
        cell: cell.number, architecture: cell.architecture, name: cell.label, dash: dashes[order], x, y,
        low: fits(low, log) ? low : y, high: fits(high, log) ? high : y, says: `epoch ${epoch + 1}: ${text}`,
      }]
    }))
    const single = values.every(value => value.x === values[0].x)
    const across = {
      field: "x", type: "quantitative", scale: scale(false, values.map(value => value.x), 4),
      axis: { ...axis(seconds ? "seconds of training" : "epoch", { type: "linear" }), tickMinStep: seconds ? 0 : 1, grid: false },
    }
    const yScale = scale(log, values.flatMap(value => [value.low, value.high]), 6)
    const upwards = field => ({ field, type: "quantitative", scale: yScale, axis: axis(data.curves[kind], yScale) })
    const by = { detail: { field: "cell" }, color: colour }
    const highlight = (full, more, rest) => ({ condition: [{ test: isLit, value: more }, { test: `lit === ${NONE}`, value: full }], value: rest })
    return {
      datasets: { values }, description: `${data.curves[kind]}, over ${seconds ? "seconds of training" : "epochs"}`, data: { name: "values" }, params: [lit],
      layer: [
        { mark: { type: "area", aria: false }, encoding: { x: across, y: upwards("low"), y2: { field: "high" }, opacity: highlight(0.12, 0.25, 0.04), ...by } },
        {
          mark: { type: "line", strokeWidth: 2, aria: false },
          encoding: {
            x: across, y: upwards("y"), opacity: highlight(1, 1, 0.25), ...by,
            strokeDash: { field: "dash", type: "nominal", legend: null, scale: { domain: DASHES.map((_, i) => i), range: DASHES } },
          },
        },
        {
          mark: { type: "point", filled: true, size: single ? 70 : 90, opacity: single ? 1 : 0 },
          encoding: { x: across, y: upwards("y"), ...by, tooltip: { field: "name" }, description: { field: "name" } },
        },
      ],
    }
  }
  const drawCurves = async () => {
    if (!find("curves")) return
    curves?.finalize()
    curves = await draw(find("curves-plot"), curveSpec())
    const list = drawn(), dashes = dashOf(list)
    find("key").replaceChildren(...(list.length > KEYED ? [] : list.map((cell, order) => keyOf(cell, DASHES[dashes[order]]))))
    const possible = shown().filter(cell => cell.lines.length && (!chosen.size || chosen.has(cell.number))).length
    find("curves-note").textContent = "Lines are medians over seeds, bands span all seeds. "
      + (chosen.size === 0
        ? list.length < possible ? `These are the ${list.length} of ${count(possible, "cell")} shown that have the ${data.best}; choose cells to see theirs.` : ""
        : list.length === 0 ? "The chosen cells have no such curve, or their settings are not ticked."
          : list.length < possible ? `${list.length} of ${count(possible, "chosen cell")} are drawn: the others have no such curve, or are more than ${MOST}.` : "")
  }
  const keyOf = (cell, dash) => {
    const item = document.createElement("li")
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg")
    const line = document.createElementNS("http://www.w3.org/2000/svg", "line")
    svg.setAttribute("aria-hidden", "true")
    svg.setAttribute("viewBox", "0 0 32 10")
    const looks = { x1: 0, x2: 32, y1: 5, y2: 5, stroke: paint(cell.architecture), "stroke-width": 2.4, "stroke-dasharray": dash.join(" ") }
    for (const [name, value] of Object.entries(looks)) line.setAttribute(name, value)
    svg.append(line)
    item.append(svg, Object.assign(document.createElement("span"), { textContent: cell.label }))
    item.addEventListener("mouseenter", () => light(cell.number))
    item.addEventListener("mouseleave", () => light(NONE))
    return item
  }

  // ------------------------------------------------------------------------------------------------- the choice
  const toggle = number => { chosen.delete(number) || chosen.add(number) }
  const follow = () => {
    const here = new Set(shown().map(cell => cell.number))
    // a choice of cells that are not shown any more would fade all others for no visible reason
    for (const number of [...chosen]) if (!here.has(number)) chosen.delete(number)
    for (const row of rows) {
      const number = Number(row.dataset.cell)
      row.hidden = !here.has(number)
      row.querySelector("input").checked = chosen.has(number)
    }
    find("tally").textContent = `${here.size} of ${count(cells.length, "cell")}${chosen.size ? `, ${chosen.size} chosen` : ""}`
    find("clear").disabled = chosen.size === 0
    refreshCells()
    return drawCurves()
  }
  let waiting = 0
  const again = () => drawCells().then(follow)
  const soon = () => { clearTimeout(waiting); waiting = setTimeout(follow, 80) }
  const spread = id => { find(`${id}-log`).checked = data.axes[find(id).value].logarithmic }

  for (const part of document.querySelectorAll(".scripted")) part.hidden = false
  for (const tick of ticks) tick.addEventListener("change", again)
  document.querySelector("form.choose").addEventListener("reset", event => {
    event.preventDefault()
    for (const tick of ticks) tick.checked = true
    again()
  })
  document.querySelector("form.choose").addEventListener("submit", event => event.preventDefault())
  for (const row of rows) {
    row.querySelector("input").addEventListener("change", () => { brushed = false; toggle(Number(row.dataset.cell)); follow() })
    row.addEventListener("mouseenter", () => light(Number(row.dataset.cell)))
    row.addEventListener("mouseleave", () => light(NONE))
  }
  find("clear").addEventListener("click", () => { chosen.clear(); again() })
  if (find("plot")) {
    for (const id of ["across", "up"]) {
      spread(id)
      find(id).addEventListener("change", () => { spread(id); again() })
      find(`${id}-log`).addEventListener("change", again)
    }
  }
  if (find("curves")) for (const id of ["curve", "over", "curve-log"]) find(id).addEventListener("change", drawCurves)
  again()
}
