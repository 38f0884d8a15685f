// The search box, on the page of the search. A page from a folder (file://) may not read the index: its words stay.
(() => {
  if (location.protocol === "file:" || typeof PagefindUI === "undefined") return;
  document.getElementById("no-search").remove();
  const ui = new PagefindUI({ element: "#search", showSubResults: true, showImages: false, autofocus: true });
  const asked = new URLSearchParams(location.search).get("q");
  if (asked) ui.triggerSearch(asked);
})();
