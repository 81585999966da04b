// What a page can do beyond being read: sort, filter, choose columns, copy, and change its colours. Without this script
// everything stands there all the same, in plain tables.
{
  const root = document.documentElement
  root.classList.add("js")
  const said = make("p", "", { class: "said", role: "status", "aria-live": "polite" })
  const say = text => { said.textContent = text }

  // ---------------------------------------------------------------------------------------------------- colours
  const themes = ["as the system", "light", "dark"]
  const theme = make("button", "", { type: "button", class: "theme" })
  const paint = name => {
    name === themes[0] ? root.removeAttribute("data-theme") : root.setAttribute("data-theme", name)
    theme.dataset.now = name
    theme.textContent = `Colours: ${name}`
  }
  theme.addEventListener("click", () => paint(themes[(themes.indexOf(theme.dataset.now) + 1) % themes.length]))
  paint(themes[0])
  document.querySelector("nav")?.before(theme)
  document.body.append(said)

  // ----------------------------------------------------------------------------------------------------- copying
  const grid = table => [...table.rows]
    .filter(row => !row.hidden)
    .map(row => [...row.cells].filter(cell => !cell.classList.contains("off")).map(cell => words(cell)))
  const latexSigns = {
    "\\": "\\textbackslash{}", "{": "\\{", "}": "\\}", "&": "\\&", "%": "\\%", "$": "\\$", "#": "\\#", "_": "\\_",
    "~": "\\textasciitilde{}", "^": "\\textasciicircum{}",
  }
  const latex = text => text.replace(/[\\{}&%$#_~^]/g, sign => latexSigns[sign]).replace(/^(?=[[*])/, "{}")
  // as report.md is escaped: what may be an address, a mention or the number of an issue is parted by an empty comment
  const parted = text => text.replace(/[\w.+@-]*@[\w.+@-]*|#(?=\d)/g, word => word === "#" ? "#\0"
    : word.includes(".") ? word.replaceAll("@", "@\0") : word.replace(/(?<!\w)@(?=\w)/g, "@\0"))
  const pipes = text => parted(text).replace(/[\\`*_[\]<>|~$&@#^]/g, "\\$&").replace(/:(?=\S)/g, "\\:")
    .replace(/www\./gi, word => `${word.slice(0, -1)}\\.`).replaceAll("\0", "<!-- -->")
  // for a program: numbers as they are, in the unit that the heading names; an interval is two columns
  const plain = table => {
    const heads = [...table.tHead.rows[0].cells]
    const shown = heads.map((head, column) => [head, column]).filter(([head]) => !head.classList.contains("off"))
    const rows = [...table.tBodies[0].rows].filter(row => !row.hidden)
    const ranged = column => [...table.tBodies[0].rows].some(row => row.cells[column].dataset.end !== undefined)
    const named = (head, column) => {
      const name = words(head) + (head.dataset.unit ? `, ${head.dataset.unit}` : "")
      return ranged(column) ? [`${name}, low`, `${name}, high`] : [name]
    }
    const values = (cell, column) => ranged(column)
      ? [cell.dataset.key, cell.dataset.end] : [cell.dataset.key ?? words(cell, "svg, .order, .sub")]
    return [shown.flatMap(([head, column]) => named(head, column)),
      ...rows.map(row => shown.flatMap(([, column]) => values(row.cells[column], column)))]
  }
  const sides = table => [...table.tHead.rows[0].cells].filter(cell => !cell.classList.contains("off"))
    .map(cell => cell.classList.contains("n") ? "r" : "l").join("")
  const formats = {
    CSV: table => plain(table).map(row => row.map(csv).join(",")).join("\n"),
    LaTeX: (table, [head, ...rows] = grid(table)) => [
      `\\begin{tabular}{${sides(table)}}`, "\\toprule", `${head.map(latex).join(" & ")} \\\\`, "\\midrule",
      ...rows.map(row => `${row.map(latex).join(" & ")} \\\\`), "\\bottomrule", "\\end{tabular}",
    ].join("\n"),
    Markdown: (table, [head, ...rows] = grid(table)) => [head.map(pipes), head.map(() => "---"), ...rows.map(row => row.map(pipes))]
      .map(row => `| ${row.join(" | ")} |`).join("\n"),
  }
  const put = async text => {
    try {
      await navigator.clipboard.writeText(text)
    } catch {
      const area = make("textarea", text, { class: "copied", "aria-hidden": "true" })
      document.body.append(area)
      area.select()
      document.execCommand("copy")
      area.remove()
    }
  }

  // ----------------------------------------------------------------------------------------------------- sorting
  const value = cell => {
    const key = cell.dataset.key
    if (key !== undefined) return key === "" ? null : Number(key)
    const text = words(cell)
    return text === "-" || text === "" ? null : text
  }
  const order = (a, b) => typeof a === "number" && typeof b === "number"
    ? a - b : String(a).localeCompare(String(b), "en", { numeric: true })
  const sort = (table, column, head) => {
    const down = head.getAttribute("aria-sort") === "none" ? head.dataset.first === "down" : head.getAttribute("aria-sort") === "ascending"
    const body = table.tBodies[0]
    const rows = [...body.rows].map(row => [value(row.cells[column]), row])
    // what is missing stays at the end, whichever way the rest is sorted
    rows.sort(([a], [b]) => a === null || b === null ? (a === null) - (b === null) : down ? order(b, a) : order(a, b))
    body.append(...rows.map(([, row]) => row))
    for (const other of table.tHead.rows[0].cells) if (other.hasAttribute("aria-sort")) other.setAttribute("aria-sort", "none")
    head.setAttribute("aria-sort", down ? "descending" : "ascending")
    say(`Sorted by ${head.dataset.name}, ${down ? "largest" : "smallest"} first.`)
  }
  const sortable = table => [...table.tHead.rows[0].cells].forEach((head, column) => {
    head.dataset.name = head.textContent.trim()
    head.setAttribute("aria-sort", "none")
    const button = make("button", "", { type: "button", class: "sort" })
    if (head.title) button.title = head.title
    head.removeAttribute("title")
    button.append(...head.childNodes, make("span", "", { class: "order", "aria-hidden": "true" }))
    button.addEventListener("click", () => sort(table, column, head))
    head.append(button)
  })

  // ------------------------------------------------------------------------------------------------ leaderboards
  for (const table of document.querySelectorAll("table.leaderboard")) {
    const heads = [...table.tHead.rows[0].cells]
    const rows = [...table.tBodies[0].rows]
    const names = heads.map(head => head.textContent.trim())
    const show = (column, on) => {
      for (const row of table.rows) row.cells[column].classList.toggle("off", !on)
    }
    const tools = make("div", "", { class: "tools" })

    const settings = rows[0]?.cells[1].textContent.match(/\w+=[^,\]]+/g) ?? []
    const hint = settings.length > 1 ? `${settings[0]} -${settings.at(-1)}` : settings[0] ?? "words of a row"
    const filter = make("input", "", { type: "search", placeholder: hint, "aria-label": "Filter the rows" })
    const count = make("span", "", { class: "count" })
    const apply = () => {
      const wanted = filter.value.toLowerCase().split(/\s+/).filter(Boolean)
      let shown = 0
      for (const row of rows) {
        const text = `${row.cells[1].title} ${row.textContent}`.toLowerCase()
        row.hidden = !wanted.every(word => word.length > 1 && word[0] === "-" ? !text.includes(word.slice(1)) : text.includes(word))
        shown += !row.hidden
      }
      count.textContent = !wanted.length ? "" : shown ? `${shown} of ${rows.length} rows` : "No row matches."
    }
    filter.addEventListener("input", apply)
    const label = make("label", "Filter ")
    label.append(filter)

    const columns = make("details", "", { class: "columns" })
    const list = make("div", "", { class: "choices" })
    heads.forEach((head, column) => {
      if (column < 2) return
      const box = make("input", "", { type: "checkbox" })
      box.checked = head.dataset.shown !== "no"
      box.addEventListener("change", () => show(column, box.checked))
      const choice = make("label", ` ${names[column]}`)
      choice.prepend(box)
      list.append(choice)
      show(column, box.checked)
    })
    columns.append(make("summary", "Columns"), list)
    columns.addEventListener("keydown", event => {
      if (event.key !== "Escape" || !columns.open) return
      columns.open = false
      columns.querySelector("summary").focus()
    })

    const copies = make("span", "Copy as ", { class: "copies" })
    for (const [name, format] of Object.entries(formats)) {
      const button = make("button", name, { type: "button" })
      button.addEventListener("click", async () => {
        await put(`${format(table)}\n`)
        say(`Copied ${grid(table).length - 1} rows as ${name}.`)
      })
      copies.append(button)
    }
    tools.append(label, count, columns, copies)
    // the best ten at first; sorting, filtering and copying are of all rows
    const few = 10
    const all = make("button", "", { type: "button", class: "all" })
    const fold = on => {
      table.classList.toggle("few", on)
      all.textContent = on ? `Show all ${rows.length} rows` : `Show ${few} rows`
      all.setAttribute("aria-expanded", String(!on))
    }
    if (rows.length > few + 2) {
      fold(true)
      all.addEventListener("click", () => fold(!table.classList.contains("few")))
      filter.addEventListener("input", () => { if (filter.value) fold(false) })
      table.closest(".scroll").after(all)
    }
    table.closest(".scroll").before(tools)
    sortable(table)
    // rows come by their mean score: ranks may go up and down, where a cell's seeds differ much
    heads[2].setAttribute("aria-sort", heads[2].dataset.first === "down" ? "descending" : "ascending")
  }
  for (const table of document.querySelectorAll("table.sortable")) sortable(table)
}
