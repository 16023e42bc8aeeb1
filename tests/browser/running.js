// Whatever could run or ask for something: there is none of it on a page.
() => {
  const LEADS_ON = new Set(["href", "src", "action", "formaction", "data", "xlink:href"]);
  const ACTIVE = "script, iframe, object, embed, form, link, base, meta[http-equiv=refresh]";
  const found = [...document.querySelectorAll(ACTIVE)].map((element) => element.outerHTML);
  for (const element of document.querySelectorAll("*"))
    for (const { name, value } of element.attributes)
      if (name.startsWith("on") || (LEADS_ON.has(name) && /^\s*(javascript:|data:text)/i.test(value)))
        found.push(`${name}=${value}`);
  return found.map((text) => text.slice(0, 80));
}
