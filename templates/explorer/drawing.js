  // What both plots share: values, axes, colours, and the tooltip.
  const data = JSON.parse(document.getElementById("explored").textContent)
  const find = id => document.getElementById(`explore-${id}`)
  const cells = data.cells.map((cell, number) => ({ ...cell, number }))
  const touch = matchMedia("(pointer: coarse)").matches
  const NONE = -1, MOST_KEYS = 12

  const chosen = new Set() // numbers of cells
  const ticks = [...document.querySelectorAll("#explore-settings [data-axis]")]
  const drawnCells = () => {
    const open = data.grid.map(() => new Set())
    for (const tick of ticks) if (tick.checked) open[tick.dataset.axis].add(Number(tick.dataset.value))
    return cells.filter(cell => cell.at.every((value, axis) => open[axis].has(value)))
  }
  const quantity = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`
  const fits = (value, log) => value !== null && value !== undefined && (!log || value > 0)
  const entered = id => find(id).value === "" ? null : Number(find(id).value)

  // ---------------------------------------------------------------------------------------------------- colours
  const axisNamed = name => data.grid.findIndex(axis => axis.name === name)
  const colourOf = (cell, by) => by === "cell" && cell.colour ? cell.colour
    : axisNamed(by) < 0 ? data.architectures[cell.architecture].colour : data.grid[axisNamed(by)].colours[cell.at[axisNamed(by)]]
  const paint = name => `var(--${name})`
  const byColour = names => {
    const all = [...new Set(names)]
    return { field: "colour", type: "nominal", legend: null, scale: { domain: all, range: all.map(paint) } }
  }
  const swatch = (colour, dash = []) => {
    const space = "http://www.w3.org/2000/svg"
    const svg = document.createElementNS(space, "svg"), line = document.createElementNS(space, "line")
    svg.setAttribute("aria-hidden", "true")
    svg.setAttribute("viewBox", "0 0 32 10")
    const looks = { x1: 0, x2: 32, y1: 5, y2: 5, stroke: paint(colour), "stroke-width": 2.4, "stroke-dasharray": dash.join(" ") }
    for (const [name, value] of Object.entries(looks)) line.setAttribute(name, value)
    svg.append(line)
    return svg
  }
  const keyItem = (text, colour, dash) => {
    const item = make("li")
    item.append(swatch(colour, dash), make("span", text))
    return item
  }
  // the legend of a setting's colours; those of architectures are next to their ticks
  const settingKeys = by => {
    const axis = data.grid[axisNamed(by)]
    return axis && !axis.architectures.length ? axis.values.map((value, i) => keyItem(`${by}=${value}`, axis.colours[i])) : []
  }

  // ------------------------------------------------------------------------------------------------------- axes
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
  // from the least to the greatest of what is drawn, or the ends of a zoom; the library complains of an axis of nothing
  const scale = (log, values, padding, ends = null) => {
    if (ends) return { type: log ? "log" : "linear", domain: ends, nice: false, padding: 0, ...(log ? {} : { zero: false }) }
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
  const lit = { name: "lit", value: NONE }
  const isLit = "datum.cell === lit"
  const rectangle = { fill: "var(--muted)", fillOpacity: 0.12, stroke: "var(--muted)" }
  const draw = async (element, spec) => {
    const { view } = await drawPlot(element, {
      $schema: "https://vega.github.io/schema/vega-lite/v6.json",
      width: "container", height: innerWidth < 640 ? 300 : 400, autosize: { type: "fit-x", contains: "padding" }, config, ...spec,
    }, { actions: false, ast: true, defaultStyle: false, hover: false, renderer: "svg", tooltip: pointed })
    // the rectangle is a tool, no picture that would need a name
    for (const part of element.querySelectorAll("g[class*=brush_brush]")) part.setAttribute("aria-hidden", "true")
    return view
  }

  // ---------------------------------------------------------------------------------------------- what a mark says
  const box = find("tip")
  let plot = null, curves = null, last = NONE
  const light = number => {
    if (number === last) return
    last = number
    for (const row of document.querySelectorAll("#explore-rows tbody tr")) row.classList.toggle("lit", Number(row.dataset.cell) === number)
    for (const view of [plot, curves]) view?.signal("lit", number).runAsync()
  }
  const linesOf = cell => [
    ...data.axes.map((of, i) => `${of.heading} ${cell.texts[i]}${cell.intervals[i] ? ` (${of.interval}: ${cell.intervals[i]})` : ""}`),
    `${cell.trials} trials OK`,
  ]
  const tell = (cell, lines, x, y) => {
    // text nodes: a name is never read as markup
    box.replaceChildren(make("b", cell.label), ...lines.map(line => make("div", line)))
    box.hidden = false
    const left = Math.min(x + 16, innerWidth - box.offsetWidth - 8)
    const top = y + 16 + box.offsetHeight < innerHeight ? y + 16 : y - box.offsetHeight - 12
    Object.assign(box.style, { left: `${Math.max(8, left)}px`, top: `${Math.max(8, top)}px` })
  }
  const hush = () => { light(NONE); box.hidden = true }
  const pointed = (_, event, item, value) => {
    const cell = value ? cells[item?.datum?.cell] : undefined
    if (!cell) return hush()
    light(cell.number)
    tell(cell, item.datum.says ? [item.datum.says] : linesOf(cell), event.clientX, event.clientY)
  }
