// Where process 2 begins when it starts from a snapshot: from there Node can require, and what is required can import.

// A script that a cell forks is started as Node was: it is not to begin with our compiler in its heap, nor with our main
// function, which takes no script by a relative path and no -e.
const { execArgv } = process;
const at = execArgv.indexOf("--snapshot-blob");
if (at >= 0) execArgv.splice(at, 2);

import("../cells/main.js");
