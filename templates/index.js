{
  // The page lists runs without this script; with it, two of them can be chosen to be compared.
  const command = document.getElementById("command")
  const quoted = text => /^[\w./@:=,+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
  const folder = decodeURIComponent(location.pathname).replace(/[^/]*$/, "").replace(/\/$/, "")
  const chosen = { A: null, B: null }
  const write = () => {
    const side = name => chosen[name] === null ? name : quoted(folder ? `${folder}/${chosen[name]}` : chosen[name])
    command.textContent = `bench compare ${side("A")} ${side("B")} -o compare.html`
  }
  for (const table of command ? document.querySelectorAll("table.runs") : []) {
    table.tHead.rows[0].append(make("th", "Compare", { scope: "col" }))
    for (const row of table.tBodies[0].rows) {
      const cell = row.insertCell()
      for (const name of ["A", "B"]) {
        const label = make("label")
        const box = make("input", "", { type: "radio", name: `side-${name}`, "aria-label": `${name}: ${row.dataset.run}` })
        box.addEventListener("change", () => {
          chosen[name] = row.dataset.run
          write()
        })
        label.append(box, ` ${name} `)
        cell.append(label)
      }
    }
  }
}
