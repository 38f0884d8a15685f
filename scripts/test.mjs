// npm test: sets up what is missing, then runs mocha. Mocha's arguments pass through: npm test -- -g capture, or a file
// or folder. Formatting, lint and types are tests too, in test/house. The last line is always `N passed, N failed`.
import "./setup/nodeVersion.mjs";

import("./test/main.mjs").then(({ test }) => test(process.argv.slice(2)));
