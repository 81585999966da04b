{
  // A chart as SVG or PNG, a table as CSV: made from what the page holds, asked of nobody.
  const save = (name, content, type) => {
    const link = make("a", "", { download: name, href: URL.createObjectURL(new Blob([content], { type })) })
    link.click()
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
  }
  // outside of the page nothing defines its colours
  const drawing = svg => {
    const copy = svg.cloneNode(true)
    const { width, height } = svg.viewBox.baseVal
    copy.setAttribute("width", width)
    copy.setAttribute("height", height)
    copy.setAttribute("xmlns", "http://www.w3.org/2000/svg")
    const style = getComputedStyle(document.documentElement)
    const text = new XMLSerializer().serializeToString(copy)
    const coloured = text.replace(/var\((--[\w-]+)(?:,([^()]*))?\)/g,
      (whole, name, other) => style.getPropertyValue(name).trim() || other || whole)
    return coloured.replace(/(<svg[^>]*>)/, `$1<rect width="100%" height="100%" fill="${style.getPropertyValue("--paper").trim()}"/>`)
  }
  const png = (svg, name) => {
    const { width, height } = svg.viewBox.baseVal
    const scale = 1600 / width
    const picture = new Image()
    picture.addEventListener("load", () => {
      const canvas = make("canvas", "", { width: Math.round(width * scale), height: Math.round(height * scale) })
      canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height)
      canvas.toBlob(blob => save(name, blob, "image/png"))
    })
    picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(drawing(svg))}`
  }
  const button = (text, label, press) => {
    const made = make("button", text, { type: "button", "aria-label": label })
    made.addEventListener("click", press)
    return made
  }
  for (const figure of document.querySelectorAll("figure")) {
    const svg = () => figure.querySelector("svg"), name = figure.closest("section[id]")?.id
    if (!name) continue
    const line = make("p", "Save as ", { class: "saves" })
    line.append(
      button("SVG", `Save ${name} as SVG`, () => save(`${name}.svg`, drawing(svg()), "image/svg+xml")), " ",
      button("PNG", `Save ${name} as PNG`, () => png(svg(), `${name}.png`)),
    )
    const table = figure.closest("section").querySelector("table")
    if (table) {
      const rows = () => [...table.rows].map(row => [...row.cells].map(cell => csv(words(cell))).join(",")).join("\n")
      line.append(" ", button("CSV", `Save the numbers of ${name} as CSV`, () => save(`${name}.csv`, `${rows()}\n`, "text/csv")))
    }
    figure.append(line)
  }
}
