// npm start: sets up what is missing, then opens the lessons in JupyterLab. Flags of JupyterLab pass through.
import "./setup/nodeVersion.mjs";

import("./setup/launch.mjs").then(({ launch }) => launch(process.argv.slice(2)));
