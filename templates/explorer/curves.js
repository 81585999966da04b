  // The learning curves of the cells that are chosen, else of the best ones.
  const MOST = 40, FIRST = 8 // curves drawn, and drawn without a choice
  const DASHES = [[1, 0], [7, 3], [2, 2], [9, 3, 2, 3], [14, 4], [4, 4], [12, 3, 2, 3, 2, 3], [1, 4]]
  const withCurves = find("curves") !== null
  const overSeconds = () => find("over").value === "seconds"
  const candidates = () => drawnCells().filter(cell => cell.lines.length && (!chosen.size || chosen.has(cell.number)))
  const drawnCurves = () => {
    const kind = Number(find("curve").value)
    return candidates()
      .filter(cell => (!overSeconds() || cell.elapsed.length) && cell.lines[kind].middle.some(text => text !== "-"))
      .slice(0, chosen.size ? MOST : FIRST)
  }
  // of one colour, each curve has a dash of its own
  const dashes = (list, by) => {
    const used = {}
    return list.map(cell => (used[colourOf(cell, by)] = (used[colourOf(cell, by)] ?? -1) + 1) % DASHES.length)
  }
  const curveSpec = () => {
    const list = drawnCurves(), by = find("curve-colour").value, dash = dashes(list, by), log = find("curve-log").checked
    const kind = Number(find("curve").value), seconds = overSeconds()
    const from = entered("over-from") ?? -Infinity, to = entered("over-to") ?? Infinity
    const values = list.flatMap((cell, order) => cell.lines[kind].middle.flatMap((text, epoch) => {
      // the text is what was printed; its number is what is drawn
      const y = Number.parseFloat(text), x = seconds ? cell.elapsed[epoch] : epoch + 1
      if (!fits(Number.isNaN(y) ? null : y, log) || x === null || x === undefined || x < from || x > to) return []
      const low = cell.lines[kind].low[epoch], high = cell.lines[kind].high[epoch]
      return [{
        cell: cell.number, colour: colourOf(cell, by), name: cell.label, dash: dash[order], x, y,
        low: fits(low, log) ? low : y, high: fits(high, log) ? high : y, says: `epoch ${epoch + 1}: ${text}`,
      }]
    }))
    const single = values.every(value => value.x === values[0].x)
    // an epoch is whole: where few are drawn, each has its tick
    const whole = [...new Set(values.map(value => value.x))].sort((a, b) => a - b)
    const epochTicks = !seconds && whole.length <= 6 ? { values: whole } : {}
    const across = {
      field: "x", type: "quantitative", scale: scale(false, values.map(value => value.x), 4),
      axis: { ...axis(seconds ? "seconds of training" : "epoch", { type: "linear" }), tickMinStep: seconds ? 0 : 1, ...epochTicks, grid: false },
    }
    const yScale = scale(log, values.flatMap(value => [value.low, value.high]), 6)
    const upwards = field => ({ field, type: "quantitative", scale: yScale, axis: axis(data.curves[kind], yScale) })
    const each = { detail: { field: "cell" }, color: byColour(values.map(value => value.colour)) }
    const highlight = (full, more, rest) => ({ condition: [{ test: isLit, value: more }, { test: `lit === ${NONE}`, value: full }], value: rest })
    const brush = { name: "brush", select: { type: "interval", encodings: ["x"], mark: rectangle } }
    return {
      datasets: { values }, description: `${data.curves[kind]}, over ${seconds ? "seconds of training" : "epochs"}`, data: { name: "values" }, params: [lit],
      layer: [
        { mark: { type: "area", aria: false }, encoding: { x: across, y: upwards("low"), y2: { field: "high" }, opacity: highlight(0.12, 0.25, 0.04), ...each } },
        {
          mark: { type: "line", strokeWidth: 2, aria: false },
          encoding: {
            x: across, y: upwards("y"), opacity: highlight(1, 1, 0.25), ...each,
            strokeDash: { field: "dash", type: "nominal", legend: null, scale: { domain: DASHES.map((_, i) => i), range: DASHES } },
          },
        },
        {
          params: touch || single ? [] : [brush],
          mark: { type: "point", filled: true, size: single ? 70 : 90, opacity: single ? 1 : 0 },
          encoding: { x: across, y: upwards("y"), ...each, tooltip: { field: "name" }, description: { field: "name" } },
        },
      ],
    }
  }
  const drawCurves = async () => {
    if (!withCurves) return
    curves?.finalize()
    curves = await draw(find("curves-plot"), curveSpec())
    let ends = null
    if (!touch) curves.addSignalListener?.("brush", (_, area) => { ends = area.x ?? null })
    // the end of a rectangle is a zoom to it
    find("curves-plot").onpointerup = () => setTimeout(() => {
      if (!ends) return
      ;["from", "to"].forEach((end, i) => { find(`over-${end}`).value = Number(ends[i].toPrecision(3)) })
      redrawCurves()
    }, 50)
    const by = find("curve-colour").value, list = drawnCurves(), dash = dashes(list, by)
    find("curves-key").replaceChildren(...(list.length > MOST_KEYS ? settingKeys(by) : list.map((cell, order) => {
      const item = keyItem(cell.label, colourOf(cell, by), DASHES[dash[order]])
      item.addEventListener("mouseenter", () => light(cell.number))
      item.addEventListener("mouseleave", () => light(NONE))
      return item
    })))
    const possible = candidates().length
    find("curves-out").disabled = entered("over-from") === null && entered("over-to") === null
    find("curves-note").textContent = "Lines are medians over seeds, bands span all seeds. "
      + (chosen.size === 0
        ? list.length < possible ? `The ${list.length} of ${quantity(possible, "cell")} with the ${data.best} are drawn; choose cells to see their curves.` : ""
        : list.length === 0 ? "The chosen cells have no curve of this kind, or their settings are not ticked."
          : list.length < possible ? `${list.length} of ${quantity(possible, "chosen cell")} are drawn: the others have no curve of this kind, or exceed the limit of ${MOST}.` : "")
  }
