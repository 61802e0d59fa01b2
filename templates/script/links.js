// Says so where a link leads to a finding that the page does not have.
(() => {
  const said = document.getElementById("astray");
  const look = () => {
    const id = location.hash.slice(1);
    said.hidden = !id || id.includes("=") || Boolean(document.getElementById(id));
  };
  addEventListener("hashchange", look);
  look();
})();
