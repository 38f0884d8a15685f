// npm run test:browser: set-up, Chromium if there is none, then the tests of test/e2e in a real JupyterLab. Mocha's
// arguments pass through. Screenshots: test/e2e/screenshots. The last line is always `N passed, N failed`.
import "./setup/nodeVersion.mjs";

import("./test/browser.mjs").then(({ testBrowser }) => testBrowser(process.argv.slice(2)));
