// npm run test:class: set-up, JupyterHub into an environment of its own, then the tests of test/class: a class graded
// by nbgrader from end to end, and two learners on a real JupyterHub. Mocha's arguments pass through. The last line is
// always `N passed, N failed`.
import "./setup/nodeVersion.mjs";

import("./test/class.mjs").then(({ testClass }) => testClass(process.argv.slice(2)));
