{
  // What a reader has set stands in the address: #section;filter=...;sort=...;columns=...;open=...
  // A copied address shows the page as it was seen. The page works without it.
  const boards = [...document.querySelectorAll("table.leaderboard")]
  const folds = [...document.querySelectorAll("main details")]
  const tools = board => board.closest(".scroll").previousElementSibling
  const filter = board => tools(board).querySelector("input[type=search]")
  const boxes = board => [...tools(board).querySelectorAll(".choices input")]
  const heads = board => [...board.tHead.rows[0].cells]
  const sorted = board => {
    const place = heads(board).findIndex(head => ["ascending", "descending"].includes(head.getAttribute("aria-sort")))
    return place < 0 ? "" : `${place}${heads(board)[place].getAttribute("aria-sort") === "descending" ? "d" : "u"}`
  }
  const seen = board => ({
    filter: filter(board).value, sort: sorted(board),
    columns: boxes(board).map(box => box.checked ? "1" : "0").join(""),
  })
  const first = boards.map(seen)

  const section = () => decodeURIComponent(location.hash.slice(1).split(";")[0])
  const address = (place = section()) => {
    const parts = [place]
    boards.forEach((board, number) => {
      for (const [name, value] of Object.entries(seen(board)))
        if (value !== first[number][name]) parts.push(`${name}${number || ""}=${encodeURIComponent(value)}`)
    })
    const open = folds.flatMap((fold, number) => fold.open ? [fold.id || number] : [])
    if (open.length) parts.push(`open=${open.join(".")}`)
    const text = parts.join(";")
    return text ? `#${text}` : location.pathname.split("/").pop() || "."
  }
  let reading = false
  const note = () => { if (!reading) history.replaceState(null, "", address()) }

  // A page that is loaded again, or gone back to, stays where the browser remembers its reader.
  const loaded = performance.getEntriesByType("navigation")[0]?.type ?? "navigate"
  const show = ({ move = true } = {}) => {
    const [place, ...parts] = location.hash.slice(1).split(";")
    const target = document.getElementById(decodeURIComponent(place))
    const fold = target?.closest("main details")
    if (!parts.length && !fold) return
    reading = true
    const wanted = Object.fromEntries(parts.map(part => [part.split("=")[0], decodeURIComponent(part.slice(part.indexOf("=") + 1))]))
    boards.forEach((board, number) => {
      const value = name => wanted[`${name}${number || ""}`]
      if (value("filter") !== undefined) {
        filter(board).value = value("filter")
        filter(board).dispatchEvent(new Event("input"))
      }
      const [, column, way] = /^(\d+)([du])$/.exec(value("sort") ?? "") ?? []
      const head = heads(board)[column]
      // twice at most: the first press sorts by the column's own direction
      for (let press = 0; head && press < 2 && sorted(board) !== `${column}${way}`; press++) head.querySelector("button")?.click()
      boxes(board).forEach((box, place) => {
        const on = value("columns")?.[place]
        if (on === undefined || box.checked === (on === "1")) return
        box.checked = on === "1"
        box.dispatchEvent(new Event("change"))
      })
    })
    for (const name of (wanted.open ?? "").split(".").filter(Boolean)) {
      const named = folds.find(one => one.id === name) ?? folds[name]
      if (named) named.open = true
    }
    // a link to a cell opens it
    if (fold) fold.open = true
    reading = false
    if (move) target?.scrollIntoView()
  }

  for (const heading of document.querySelectorAll("main section[id] > h2")) {
    const place = heading.parentElement.id
    const link = make("a", "#", { class: "permalink", href: `#${place}`, "aria-label": `Link to ${heading.textContent.trim()}` })
    link.addEventListener("click", event => {
      event.preventDefault()
      history.replaceState(null, "", address(place))
      heading.parentElement.scrollIntoView()
    })
    heading.append(" ", link)
  }
  show({ move: loaded === "navigate" })
  addEventListener("hashchange", () => show())
  for (const board of boards) {
    // after the listeners of the table have done their work
    for (const kind of ["input", "change", "click"]) tools(board).addEventListener(kind, () => setTimeout(note))
    board.tHead.addEventListener("click", () => setTimeout(note))
  }
  for (const fold of folds) fold.addEventListener("toggle", note)
}
