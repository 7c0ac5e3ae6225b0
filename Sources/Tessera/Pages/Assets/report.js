"use strict";
// The table: rows are made for what is in view alone, so that thousands of them move freely.
(() => {
  const data = JSON.parse(document.getElementById("rows").textContent);
  const frame = document.getElementById("inputs-frame");
  const table = frame.querySelector("table");
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  const search = document.getElementById("search");
  const status = document.getElementById("status");
  const count = document.getElementById("row-count");
  const height = 33;
  let rows = data.rows;
  let order = { column: -1, sign: 1 };
  let first = -1;
  let focused = 0;
  const isNumber = (column) => heads[column].classList.contains("number");
  // Infinities have names in JSON, and what is missing comes last.
  const number = (cell) => (cell === "inf" ? Infinity : cell === "-inf" ? -Infinity
    : cell === null || cell === "" || cell === "nan" ? NaN : Number(cell));
  const compare = (a, b) => {
    const column = order.column;
    if (!isNumber(column)) {
      const [left, right] = [String(a[column]), String(b[column])];
      return order.sign * (left < right ? -1 : left > right ? 1 : 0);
    }
    const [left, right] = [number(a[column]), number(b[column])];
    if (Number.isNaN(left)) return Number.isNaN(right) ? 0 : 1;
    if (Number.isNaN(right)) return -1;
    return left === right ? 0 : order.sign * (left < right ? -1 : 1);
  };
  const text = (cell, column) => {
    if (cell === null) return "";
    const form = heads[column].dataset.form;
    if (form === "bytes") return Number(cell).toLocaleString("en");
    if (form === "seconds") return Number(cell).toFixed(3);
    if (typeof cell === "number") return String(Math.round(cell * 1e4) / 1e4);
    return cell === "inf" ? "∞" : cell === "-inf" ? "−∞" : cell;
  };
  const shade = (status) => (Object.hasOwn(data.classes, status) ? data.classes[status] : "soft");
  const spacer = (size) => {
    const row = document.createElement("tr");
    row.setAttribute("aria-hidden", "true");
    const cell = row.insertCell();
    cell.colSpan = heads.length;
    cell.style.cssText = `height:${size}px;padding:0;border:0`;
    return row;
  };
  const draw = (force) => {
    const visible = Math.ceil(frame.clientHeight / height) + 16;
    const start = Math.max(0, Math.min(Math.floor(frame.scrollTop / height) - 8, rows.length - visible));
    if (!force && start === first) return;
    first = start;
    const end = Math.min(rows.length, start + visible);
    const parts = [spacer(start * height)];
    for (let index = start; index < end; index += 1) {
      const row = document.createElement("tr");
      row.setAttribute("aria-rowindex", index + 2);
      row.dataset.index = index;
      row.tabIndex = index === focused ? 0 : -1;
      const picture = rows[index][heads.length];
      if (picture !== null) row.className = "pictured";
      heads.forEach((head, column) => {
        const cell = row.insertCell();
        cell.className = head.classList.contains("number") ? "number" : "";
        if (column === 1) cell.classList.add(shade(rows[index][1]));
        cell.textContent = text(rows[index][column], column);
        cell.title = cell.textContent.length > 40 ? cell.textContent : "";
      });
      parts.push(row);
    }
    parts.push(spacer((rows.length - end) * height));
    body.replaceChildren(...parts);
    table.setAttribute("aria-rowcount", rows.length + 1);
  };
  const focus = (index) => {
    focused = Math.max(0, Math.min(index, rows.length - 1));
    const top = focused * height;
    const head = table.tHead.offsetHeight;
    if (top < frame.scrollTop) frame.scrollTop = top;
    const bottom = top + height + head - frame.clientHeight;
    if (bottom > frame.scrollTop) frame.scrollTop = bottom;
    draw(true);
    const row = body.querySelector(`tr[data-index="${focused}"]`);
    if (row) row.focus({ preventScroll: true });
  };
  const open = (row) => {
    const picture = rows[Number(row.dataset.index)][heads.length];
    if (picture === null) return;
    const card = document.getElementById(`picture-${picture}`);
    card.scrollIntoView({ block: "start" });
    card.focus({ preventScroll: true });
  };
  const choose = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = status.value;
    rows = data.rows.filter((row) => {
      if (wanted && row[1] !== wanted) return false;
      if (!words.length) return true;
      const line = `${row[0]} ${row[2]} ${row[heads.length - 1]}`.toLowerCase();
      return words.every((word) => line.includes(word));
    });
    if (order.column >= 0) rows.sort(compare);
    focused = 0;
    frame.scrollTop = 0;
    count.textContent = `${rows.length.toLocaleString("en")} of ${data.rows.length.toLocaleString("en")} rows`;
    draw(true);
  };
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const isSame = order.column === column;
      order = { column, sign: isSame ? -order.sign : 1 };
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", order.sign > 0 ? "ascending" : "descending");
      choose();
    });
  });
  search.addEventListener("input", choose);
  status.addEventListener("change", choose);
  frame.addEventListener("scroll", () => draw(false), { passive: true });
  addEventListener("resize", () => draw(true));
  body.addEventListener("click", (event) => {
    const row = event.target.closest("tr[data-index]");
    if (row) open(row);
  });
  body.addEventListener("keydown", (event) => {
    const row = event.target.closest("tr[data-index]");
    if (!row) return;
    const page = Math.floor(frame.clientHeight / height) - 2;
    const moves = {
      ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -rows.length, End: rows.length,
    };
    if (event.key === "Enter") return open(row);
    const move = moves[event.key];
    if (move === undefined) return;
    event.preventDefault();
    focus(Number(row.dataset.index) + move);
  });
  document.getElementById("tools").hidden = false;
  frame.classList.add("on");
  choose();
})();
