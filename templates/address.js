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
  boards.forEach((board, number) => {
    const part = (name, read, write) => addressed.push({ name: `${name}${number || ""}`, read, write })
    part("filter", () => filter(board).value, text => {
      filter(board).value = text
      filter(board).dispatchEvent(new Event("input"))
    })
    part("sort", () => sorted(board), text => {
      const head = heads(board)[Number.parseInt(text)]
      // twice at most: the first press sorts by the column's own direction
      for (let press = 0; head && press < 2 && sorted(board) !== text; press++) head.querySelector("button")?.click()
    })
    part("columns", () => boxes(board).map(box => box.checked ? "1" : "0").join(""), text => boxes(board)
      .forEach((box, place) => { if (text[place] && box.checked !== (text[place] === "1")) box.click() }))
  })
  const first = addressed.map(part => part.read())

  const section = () => decodeURIComponent(location.hash.slice(1).split(";")[0])
  const address = (place = section()) => {
    const parts = [place]
    addressed.forEach(({ name, read }, number) => {
      if (read() !== first[number]) parts.push(`${name}=${encodeURIComponent(read())}`)
    })
    const open = folds.flatMap((fold, number) => fold.open ? [number] : [])
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
    if (!parts.length) return
    reading = true
    const wanted = Object.fromEntries(parts.map(part => [part.split("=")[0], decodeURIComponent(part.slice(part.indexOf("=") + 1))]))
    for (const { name, write } of addressed) if (wanted[name] !== undefined) write(wanted[name])
    dispatchEvent(new Event("addressed"))
    for (const number of (wanted.open ?? "").split(".").filter(Boolean)) if (folds[number]) folds[number].open = true
    reading = false
    if (move) document.getElementById(decodeURIComponent(place))?.scrollIntoView()
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
  addEventListener("settled", () => note())
  for (const fold of folds) fold.addEventListener("toggle", note)
}
