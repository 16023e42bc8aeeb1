// What a page looks like, as far as a machine can tell; run by the tests in the page itself.
() => {
  const ROOM = 1; // CSS pixels that rounding may take
  const shown = (element) => {
    if (!element.checkVisibility()) return false; // as what a closed <details> holds
    for (let at = element; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (style.visibility === "hidden" || style.clipPath === "inset(50%)") return false;
    }
    return true;
  };
  const texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (!node.data.trim() || !shown(node.parentElement)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const box of range.getClientRects())
      if (box.width > ROOM && box.height > ROOM) texts.push({ node, box, said: node.data.trim().slice(0, 40) });
  }
  const width = document.documentElement.clientWidth;
  const outside = texts.filter(({ box }) => box.left < -ROOM || box.right > width + ROOM);
  const cut = texts.filter(({ node, box }) => {
    for (let at = node.parentElement; at && at !== document.body; at = at.parentElement) {
      const style = getComputedStyle(at);
      const frame = at.getBoundingClientRect();
      if (style.overflowX !== "visible" && (box.left < frame.left - ROOM || box.right > frame.right + ROOM)) return true;
      if (style.overflowY !== "visible" && (box.top < frame.top - ROOM || box.bottom > frame.bottom + ROOM)) return true;
    }
    return false;
  });
  // Lines may touch; a third of a line's height over another is two texts in one place.
  const overlap = [];
  texts.sort((one, other) => one.box.top - other.box.top);
  texts.forEach((one, index) => {
    for (let next = index + 1; next < texts.length && texts[next].box.top < one.box.bottom; next += 1) {
      const other = texts[next];
      if (other.node === one.node) continue;
      const wide = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
      const high = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
      if (wide > 2 * ROOM && high > Math.min(one.box.height, other.box.height) / 3)
        overlap.push({ said: `${one.said} | ${other.said}` });
    }
  });
  const root = document.documentElement;
  const said = (found) => found.map((text) => text.said).slice(0, 5);
  const faults = {
    sideways: root.scrollWidth > root.clientWidth ? [`${root.scrollWidth} > ${root.clientWidth}`] : [],
    outside: said(outside),
    cut: said(cut),
    overlap: said(overlap),
  };
  return Object.fromEntries(Object.entries(faults).filter(([, found]) => found.length));
}
