  // The plot of cells: two measures against one another, the Pareto front, a rectangle that chooses, and zoom.
  let brushed = false // whether the choice is the rectangle's
  let zoom = null // ends of both axes, where values are drawn
  const axes = () => ({
    x: Number(find("across").value), y: Number(find("up").value),
    xLog: find("across-log").checked, yLog: find("up-log").checked,
  })
  // a logarithmic axis of a value with a ceiling, such as accuracy, is one of the distance from it: good cells would be one line
  const mirrored = (number, log) => log && data.axes[number].ceiling !== null
  const place = (number, value, log) => {
    const { ceiling } = data.axes[number]
    return value !== null && mirrored(number, log) ? Math.max(ceiling - value, ceiling / 10000) : value
  }
  const valueAt = (number, at, log) => mirrored(number, log) ? data.axes[number].ceiling - at : at
  const drawable = () => {
    const { x, y, xLog, yLog } = axes()
    return drawnCells().filter(cell => fits(place(x, cell.values[x], xLog), xLog) && fits(place(y, cell.values[y], yLog), yLog))
  }
  // of each data set and device, the cells that no other beats on both axes; as bench.analyse.pareto
  const fronts = () => {
    const { x, y } = axes()
    const gain = (number, cell) => data.axes[number].small ? -cell.values[number] : cell.values[number]
    const groups = {}
    for (const cell of drawable()) (groups[cell.place] ??= []).push(cell)
    return Object.values(groups).map(group => {
      let best = -Infinity, at = NaN
      return group.sort((a, b) => gain(x, b) - gain(x, a) || gain(y, b) - gain(y, a)).filter(cell => {
        const [across, up] = [gain(x, cell), gain(y, cell)]
        if (up < best || (up === best && across !== at)) return false
        best = up
        at = across
        return true
      })
    })
  }
  const marks = () => {
    const { x, y, xLog, yLog } = axes(), by = find("colour").value
    const on = cell => chosen.size === 0 || chosen.has(cell.number)
    const end = (number, value, log) => fits(place(number, value, log), log) ? place(number, value, log) : undefined
    const look = cell => ({ cell: cell.number, architecture: cell.architecture, colour: colourOf(cell, by), name: cell.label, on: on(cell) })
    const points = drawable().map(cell => ({
      ...look(cell), says: "",
      x: end(x, cell.values[x], xLog), xLow: end(x, cell.low[x], xLog), xHigh: end(x, cell.high[x], xLog),
      y: end(y, cell.values[y], yLog), yLow: end(y, cell.low[y], yLog), yHigh: end(y, cell.high[y], yLog),
    }))
    const seeds = drawable().flatMap(cell => cell.seeds
      .map(([seed, values]) => ({ ...look(cell), says: `seed ${seed}`, x: end(x, values[x], xLog), y: end(y, values[y], yLog) }))
      .filter(seed => seed.x !== undefined && seed.y !== undefined))
    const steps = fronts().flatMap((front, group) => front.map((cell, order) =>
      ({ group, order, x: end(x, cell.values[x], xLog), y: end(y, cell.values[y], yLog) })))
    return { points, seeds, steps }
  }
  const shapes = {
    field: "architecture", type: "nominal", legend: null,
    scale: { domain: data.architectures.map((_, i) => i), range: data.architectures.map(a => a.shape) },
  }
  const faint = (full, pale) => ({ condition: [{ test: isLit, value: 1 }, { test: "datum.on", value: full }], value: pale })
  const plotSpec = () => {
    const { x, y, xLog, yLog } = axes()
    const { points, seeds, steps } = marks()
    // an address may be damaged
    if (zoom && !(zoom.x.every(at => fits(at, xLog)) && zoom.y.every(at => fits(at, yLog)))) zoom = null
    const many = points.length > 100, clip = zoom !== null
    const turned = (number, log) => mirrored(number, log) ? { reverse: true } : {}
    const xScale = { ...turned(x, xLog), ...scale(xLog, [...points.flatMap(p => [p.x, p.xLow, p.xHigh]), ...seeds.map(p => p.x)], 14, zoom?.x) }
    const yScale = { ...turned(y, yLog), ...scale(yLog, [...points.flatMap(p => [p.y, p.yLow, p.yHigh]), ...seeds.map(p => p.y)], 14, zoom?.y) }
    const across = field => ({ field, type: "quantitative", scale: xScale, axis: axis(data.axes[x].title, xScale, data.axes[x].ceiling) })
    const upwards = field => ({ field, type: "quantitative", scale: yScale, axis: axis(data.axes[y].title, yScale, data.axes[y].ceiling) })
    const color = byColour(points.map(point => point.colour))
    const rule = { type: "rule", strokeWidth: 1.6, aria: false, clip }
    const brush = { name: "brush", select: { type: "interval", mark: rectangle } }
    return {
      datasets: { points, seeds, steps },
      description: `${data.axes[y].heading} against ${data.axes[x].heading}; the table has the numbers`,
      params: [lit],
      layer: [
        {
          data: { name: "steps" },
          mark: { type: "line", interpolate: "step-after", stroke: "var(--muted)", strokeWidth: 1.2, strokeDash: [4, 2], aria: false, tooltip: null, clip },
          encoding: { x: across("x"), y: upwards("y"), order: { field: "order" }, detail: { field: "group" } },
        },
        {
          data: { name: "seeds" }, mark: { type: "point", filled: true, size: many ? 10 : 22, aria: false, clip },
          encoding: { x: across("x"), y: upwards("y"), color, shape: shapes, opacity: faint(0.45, 0.06), tooltip: { field: "name" } },
        },
        {
          data: { name: "points" }, transform: [{ filter: "isValid(datum.yLow) && isValid(datum.yHigh)" }], mark: rule,
          encoding: { x: across("x"), y: upwards("yLow"), y2: { field: "yHigh" }, color, opacity: faint(0.9, 0.08) },
        },
        {
          data: { name: "points" }, transform: [{ filter: "isValid(datum.xLow) && isValid(datum.xHigh)" }], mark: rule,
          encoding: { x: across("xLow"), x2: { field: "xHigh" }, y: upwards("y"), color, opacity: faint(0.9, 0.08) },
        },
        {
          data: { name: "points" }, params: touch ? [] : [brush],
          mark: { type: "point", filled: true, stroke: "var(--paper)", strokeWidth: 1, cursor: "pointer", clip },
          encoding: {
            x: across("x"), y: upwards("y"), color, shape: shapes, opacity: faint(1, 0.18), tooltip: { field: "name" },
            size: { condition: { test: isLit, value: 220 }, value: many ? 40 : points.length > 30 ? 75 : 110 }, description: { field: "name" },
          },
        },
      ],
    }
  }
  const drawCells = async () => {
    plot?.finalize()
    brushed = false // the rectangle goes with the old drawing, what it chose stays
    plot = await draw(find("plot"), plotSpec())
    find("key").replaceChildren(...settingKeys(find("colour").value))
    if (!touch) plot.addSignalListener("brush", (_, area) => {
      if (!area.x || !area.y) return
      const { x, y, xLog, yLog } = axes()
      for (const [way, number, ends, log] of [["across", x, area.x, xLog], ["up", y, area.y, yLog]]) {
        const values = ends.map(at => valueAt(number, at, log)).sort((a, b) => a - b)
        values.forEach((value, i) => { find(`${way}-${i ? "to" : "from"}`).value = Number(value.toPrecision(4)) })
      }
      brushed = true
      choose(area.x, area.y)
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
  const within = (at, ends) => !ends || (at >= Math.min(...ends) && at <= Math.max(...ends))
  // choose the cells inside of a rectangle, whose ends are where values are drawn
  const choose = (xEnds, yEnds) => {
    const { x, y, xLog, yLog } = axes()
    chosen.clear()
    for (const cell of drawable()) if (within(place(x, cell.values[x], xLog), xEnds) && within(place(y, cell.values[y], yLog), yEnds)) chosen.add(cell.number)
  }
  // the ends that the fields hold; an empty field is where the axis ends; null where both are empty
  const typed = way => {
    const { x, y, xLog, yLog } = axes()
    const [number, log, name] = way === "across" ? [x, xLog, "x"] : [y, yLog, "y"]
    const [low, high] = [entered(`${way}-from`), entered(`${way}-to`)]
    if (low === null && high === null) return null
    const axisEnds = plot.scale(name).domain()
    const outer = axisEnds.map(at => valueAt(number, at, log)).sort((a, b) => a - b)
    const ends = [low ?? outer[0], high ?? outer[1]].map(value => place(number, value, log)).sort((a, b) => a - b)
    return ends[0] < ends[1] && fits(ends[0], log) ? ends : null
  }
  const zoomIn = () => {
    const ends = { x: typed("across"), y: typed("up") }
    if (!ends.x && !ends.y) return
    zoom = { x: ends.x ?? plot.scale("x").domain(), y: ends.y ?? plot.scale("y").domain() }
  }
  const refreshCells = () => {
    if (!plot) return
    const { points, seeds, steps } = marks()
    plot.data("points", points).data("seeds", seeds).data("steps", steps).runAsync()
    const missing = drawnCells().length - points.length
    const { x, y, xLog, yLog } = axes()
    const turned = mirrored(y, yLog) ? data.axes[y] : mirrored(x, xLog) ? data.axes[x] : null
    find("note").textContent = "A large mark is a cell, with its intervals; small marks are its seeds. Axes may not start at 0. The "
      + "stepped line is the Pareto front of the cells drawn. For every cell off the front, a cell on it is at least as good on both axes and better on one."
      + (turned ? ` Equal steps on the axis of ${turned.heading} divide its distance from ${turned.ceiling_text} by the same factor.` : "")
      + (missing ? ` ${quantity(missing, "cell")} ${missing === 1 ? "has" : "have"} no value on these axes.` : "")
  }
