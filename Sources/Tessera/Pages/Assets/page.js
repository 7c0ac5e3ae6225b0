"use strict";
// Loupes: the same place of all pictures of a group, four times as large.
(() => {
  const zoom = 4;
  const clear = () => {
    for (const loupe of document.querySelectorAll(".loupe")) loupe.remove();
  };
  const show = (picture, x, y) => {
    const group = picture.closest("[data-group]") || picture;
    const all = group === picture ? [picture] : [...group.querySelectorAll(".picture")];
    const image = picture.querySelector("img");
    const shape = image.naturalWidth / image.naturalHeight;
    for (const other of all) {
      const own = other.querySelector("img");
      const alike = Math.abs(own.naturalWidth / own.naturalHeight / shape - 1) < 0.02;
      if (!alike || !own.clientWidth) continue;
      const loupe = document.createElement("div");
      loupe.className = "loupe";
      loupe.setAttribute("aria-hidden", "true");
      loupe.style.backgroundImage = `url("${own.src}")`;
      other.append(loupe);
      const [width, height] = [own.clientWidth, own.clientHeight];
      const half = loupe.offsetWidth / 2;
      loupe.style.left = `${x * width}px`;
      loupe.style.top = `${y * height}px`;
      loupe.style.backgroundSize = `${width * zoom}px ${height * zoom}px`;
      loupe.style.backgroundPosition =
        `${half - x * width * zoom}px ${half - y * height * zoom}px`;
    }
  };
  for (const picture of document.querySelectorAll(".picture")) {
    let [x, y] = [0.5, 0.5];
    picture.tabIndex = 0;
    picture.addEventListener("pointermove", (event) => {
      const box = picture.getBoundingClientRect();
      x = Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1);
      y = Math.min(Math.max((event.clientY - box.top) / box.height, 0), 1);
      clear();
      show(picture, x, y);
    });
    picture.addEventListener("pointerleave", clear);
    picture.addEventListener("blur", clear);
    picture.addEventListener("keydown", (event) => {
      const step = event.shiftKey ? 0.1 : 0.02;
      const moves = {
        ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step],
        Enter: [0, 0], " ": [0, 0],
      };
      if (event.key === "Escape") return clear();
      const move = moves[event.key];
      if (!move) return;
      event.preventDefault();
      x = Math.min(Math.max(x + move[0], 0), 1);
      y = Math.min(Math.max(y + move[1], 0), 1);
      clear();
      show(picture, x, y);
    });
  }
})();
// Wipes: one picture over the other, with an edge that moves.
for (const wipe of document.querySelectorAll(".wipe")) {
  const range = document.createElement("input");
  range.type = "range";
  range.min = 0;
  range.max = 100;
  range.value = 50;
  range.setAttribute("aria-label", wipe.dataset.label);
  const move = () => wipe.style.setProperty("--at", `${range.value}%`);
  range.addEventListener("input", move);
  wipe.classList.remove("pair");
  wipe.classList.add("on");
  wipe.append(range);
  move();
}
