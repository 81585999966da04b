  // What a reader does: by mouse, by keyboard, or by an address.
  const table = find("rows")
  const figures = cell => {
    const { x, y } = axes()
    return [x, y].map(number => [cell.texts[number], cell.intervals[number]])
  }
  const cellsOfRow = (texts, tag) => texts.map(([text, beneath]) => {
    const cell = make(tag, text, { class: "n" })
    if (beneath) cell.append(make("span", beneath, { class: "sub" }))
    return cell
  })
  const rows = cells.map(cell => {
    const row = make("tr", "", { "data-cell": cell.number }), name = make("th", "", { scope: "row", class: "name" })
    const label = make("label"), tick = make("input", "", { type: "checkbox" })
    label.append(tick, make("span", cell.label))
    name.append(label)
    row.append(name)
    tick.addEventListener("change", () => { brushed = false; toggle(cell.number); follow() })
    row.addEventListener("mouseenter", () => light(cell.number))
    row.addEventListener("mouseleave", () => light(NONE))
    return row
  })
  table.tBodies[0].append(...rows)
  const fill = () => {
    const { x, y } = axes(), front = new Set(fronts().flat().map(cell => cell.number))
    const head = make("tr")
    head.append(make("th", "Cell", { scope: "col" }), ...cellsOfRow([["Rank"], ...[x, y].map(number => [data.axes[number].heading, data.axes[number].interval]), ["Pareto front"], ["OK trials"]], "th"))
    for (const cell of head.cells) cell.scope = "col"
    table.tHead.replaceChildren(head)
    rows.forEach((row, number) => {
      const cell = cells[number]
      row.replaceChildren(row.cells[0], ...cellsOfRow([[cell.rank], ...figures(cell), [front.has(number) ? "yes" : "no"], [cell.trials]], "td"))
    })
  }

  // ------------------------------------------------------------------------------------------------- the choice
  const toggle = number => { chosen.delete(number) || chosen.add(number) }
  const settled = () => dispatchEvent(new Event("settled")) // the address notes it
  const follow = () => {
    const here = new Set(drawnCells().map(cell => cell.number))
    // a choice of cells that are not drawn any more would fade all others for no visible reason
    for (const number of [...chosen]) if (!here.has(number)) chosen.delete(number)
    fill()
    rows.forEach((row, number) => {
      row.hidden = !here.has(number)
      row.querySelector("input").checked = chosen.has(number)
    })
    find("tally").textContent = `${here.size} of ${quantity(cells.length, "cell")}${chosen.size ? `, ${chosen.size} chosen` : ""}`
    find("clear").disabled = chosen.size === 0
    find("in").disabled = ["across-from", "across-to", "up-from", "up-to"].every(id => entered(id) === null)
    find("out").disabled = zoom === null
    refreshCells()
    return redrawCurves()
  }
  // one drawing after the other: two at a time would leave the older one
  let drawing = Promise.resolve(), waiting = 0
  const inTurn = work => (drawing = drawing.then(work))
  const redrawCurves = () => { settled(); return inTurn(drawCurves) }
  const again = () => inTurn(drawCells).then(follow)
  const soon = () => { clearTimeout(waiting); waiting = setTimeout(follow, 80) }
  const empty = () => { for (const id of ["across-from", "across-to", "up-from", "up-to"]) find(id).value = "" }
  const spread = way => { find(`${way}-log`).checked = data.axes[find(way).value].logarithmic }
  const named = () => { for (const way of ["across", "up"]) find(`${way}-name`).textContent = data.axes[find(way).value].title }

  const form = find("settings")
  for (const tick of ticks) tick.addEventListener("change", again)
  form.addEventListener("reset", event => {
    event.preventDefault()
    for (const tick of ticks) tick.checked = true
    again()
  })
  form.addEventListener("submit", event => event.preventDefault())
  for (const way of ["across", "up"]) {
    spread(way)
    find(way).addEventListener("change", () => { spread(way); zoom = null; empty(); named(); again() })
    find(`${way}-log`).addEventListener("change", () => { zoom = null; again() })
    for (const end of ["from", "to"]) find(`${way}-${end}`).addEventListener("change", () => {
      const ends = [typed("across"), typed("up")]
      brushed = false
      ends[0] || ends[1] ? choose(...ends) : chosen.clear()
      follow()
    })
  }
  find("colour").addEventListener("change", again)
  find("clear").addEventListener("click", () => { chosen.clear(); empty(); again() })
  find("in").addEventListener("click", () => { zoomIn(); again() })
  find("out").addEventListener("click", () => { zoom = null; again() })
  if (withCurves) {
    for (const id of ["curve", "curve-log", "curve-colour", "over-from", "over-to"]) find(id).addEventListener("change", redrawCurves)
    const whole = () => { find("over-from").value = find("over-to").value = ""; redrawCurves() }
    find("over").addEventListener("change", whole)
    find("curves-out").addEventListener("click", whole)
  }

  // ------------------------------------------------------------------------------------- the plot by keyboard
  const said = make("p", "", { class: "copied", "aria-live": "polite" })
  find("plot").after(said)
  const point = cell => {
    const { x, y, xLog, yLog } = axes(), [left, top] = plot.origin()
    const frame = find("plot").querySelector("svg").getBoundingClientRect()
    light(cell.number)
    tell(cell, linesOf(cell), frame.left + left + plot.scale("x")(place(x, cell.values[x], xLog)), frame.top + top + plot.scale("y")(place(y, cell.values[y], yLog)))
    said.textContent = `${cell.label}, ${figures(cell).map(([text]) => text).join(", ")}${chosen.has(cell.number) ? ", chosen" : ""}`
  }
  find("plot").addEventListener("keydown", event => {
    const { x, y } = axes(), step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key]
    if (step) {
      const number = ["ArrowUp", "ArrowDown"].includes(event.key) ? y : x
      const line = drawable().sort((a, b) => a.values[number] - b.values[number])
      const at = line.findIndex(cell => cell.number === last)
      if (line.length) point(line[at < 0 ? (step > 0 ? 0 : line.length - 1) : Math.min(Math.max(at + step, 0), line.length - 1)])
    } else if (["Enter", " "].includes(event.key) && last !== NONE) {
      brushed = false
      toggle(last)
      follow()
      point(cells[last])
    } else if (event.key === "Escape") {
      hush()
    } else return
    event.preventDefault()
  })
  find("plot").addEventListener("blur", hush)

  // ------------------------------------------------------------------------------------------------ the address
  const select = (id, value) => { if ([...find(id).options].some(option => option.value === value)) find(id).value = value }
  const ends = ids => ids.map(id => find(id).value).join("_").replace(/^_+$/, "")
  const setEnds = (ids, text) => text.split("_").forEach((value, i) => { if (ids[i] && Number.isFinite(Number(value))) find(ids[i]).value = value })
  const RECTANGLE = ["across-from", "across-to", "up-from", "up-to"]
  addressed.push(
    {
      name: "settings",
      read: () => ticks.map(tick => tick.checked ? "1" : "0").join(""),
      write: text => ticks.forEach((tick, i) => { if (text[i]) tick.checked = text[i] === "1" }),
    },
    {
      name: "axes",
      read: () => ["across", "up"].map(way => `${find(way).value}${find(`${way}-log`).checked ? "l" : ""}`).concat(find("colour").value).join("."),
      write: text => {
        const [across, up, ...colour] = text.split(".")
        for (const [way, value] of [["across", across], ["up", up ?? ""]]) {
          select(way, value.replace("l", ""))
          find(`${way}-log`).checked = value.endsWith("l")
        }
        zoom = null
        select("colour", colour.join("."))
        named()
      },
    },
    { name: "rectangle", read: () => ends(RECTANGLE), write: text => setEnds(RECTANGLE, text) },
    { name: "zoom", read: () => zoom ? [...zoom.x, ...zoom.y].map(at => Number(at.toPrecision(5))).join("_") : "", write: text => {
      const at = text.split("_").map(Number)
      if (at.length === 4 && at.every(Number.isFinite) && at[0] !== at[1] && at[2] !== at[3]) zoom = { x: at.slice(0, 2), y: at.slice(2) }
    } },
    {
      name: "cells",
      read: () => [...chosen].sort((a, b) => a - b).join("."),
      write: text => text.split(".").filter(Boolean).forEach(number => { if (cells[number]) chosen.add(Number(number)) }),
    },
  )
  if (withCurves) addressed.push({
    name: "curves",
    read: () => [find("curve").value, find("curve-log").checked ? "l" : "", find("over").value, ends(["over-from", "over-to"]), find("curve-colour").value].join("~"),
    write: text => {
      const [kind, log, over, between, colour] = text.split("~")
      select("curve", kind)
      select("over", over ?? "")
      select("curve-colour", colour ?? "")
      find("curve-log").checked = log === "l"
      setEnds(["over-from", "over-to"], between ?? "")
    },
  })
  addEventListener("addressed", again)
  named()
  again()
