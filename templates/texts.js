"use strict"
// What the scripts of a page share: elements, and the text of a table's cells. Names at the top are seen by all of them.
const make = (tag, text = "", attributes = {}) => {
  const element = document.createElement(tag)
  element.textContent = text
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  return element
}
const addressed = [] // parts of the address: a name, and how its text is read from the page and written there
const words = (cell, without = "svg, .order, .permalink") => {
  const copy = cell.cloneNode(true)
  for (const part of copy.querySelectorAll(without)) part.remove()
  for (const part of copy.querySelectorAll(".sub")) part.before(" ")
  return copy.textContent.replace(/\s+/g, " ").trim()
}
// as results.csv is guarded: a spreadsheet takes text that begins so for a formula, wherever it begins a cell
const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?( ?%)?$/i
const formula = /(^|[;\t\n])(?='|"*(?:[=@\uff1d\uff0b\uff0d\uff20]|[+-].))/g
const csv = text => `"${(number.test(text) ? text : text.replace(formula, "$1'")).replaceAll('"', '""')}"`
