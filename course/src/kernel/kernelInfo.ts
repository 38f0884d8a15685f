import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "./project.js";
import { PROTOCOL } from "./wire.js";

const { version } = JSON.parse(readFileSync(join(projectRoot(), "course", "package.json"), "utf8"));

/** Who we are, as kernel_info_reply says it. */
export const kernelInfo = {
  status: "ok",
  protocol_version: PROTOCOL,
  implementation: "rlhf-lab",
  implementation_version: version as string,
  language_info: {
    name: "typescript",
    version: "5.0.4",
    mimetype: "text/typescript",
    file_extension: ".ts",
    pygments_lexer: "typescript",
    // JupyterLab reads mode, the classic notebook name and typescript.
    codemirror_mode: { mode: "typescript", name: "javascript", typescript: true },
    nbconvert_exporter: "script",
  },
  banner: `TypeScript (rlhf-lab ${version}), Node ${process.version}`,
  debugger: false,
  help_links: [
    { text: "TypeScript handbook", url: "https://www.typescriptlang.org/docs/handbook/" },
    { text: "TensorFlow.js API", url: "https://js.tensorflow.org/api/latest/" },
  ],
  supported_features: [],
};
