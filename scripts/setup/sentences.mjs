// What set-up says when something is wrong, all in one place: docs/what-went-wrong.md is built from it (npm run pages),
// so that the page and the program cannot differ. Written in plain JavaScript: an old Node reads it too, to say that it
// is old.

/**
 * A sentence: `say` makes it, `like` are arguments as they might be, `more` is what only the page says.
 * @typedef {{ part: string, say: (...args: any[]) => string, like: unknown[], more: string }} Sentence
 */

const LOG = ".rlhf-lab/setup.log";

export const sentences = {
  oldNode: {
    part: "Node and npm packages",
    say: (least, have) =>
      `rlhf-lab needs Node >= ${least}, this is ${have}: install a newer one from nodejs.org or with your version manager, then run the command again.`,
    like: ["20.19", "18.20.4"],
    more: "`node --version` says which one runs. With nvm: `nvm install 22`. Debian's and Ubuntu's own package may be too old.",
  },
  lockFile: {
    part: "Node and npm packages",
    say: () => "package.json and package-lock.json do not agree: run npm install, then the command again.",
    like: [],
    more: "Somebody added a package by hand, or a merge took one of the two files only. `git checkout package.json package-lock.json` goes back.",
  },

  noVenv: {
    part: "Python",
    say: (version) =>
      `Python ${version} is here without its venv module: install it (Debian and Ubuntu: sudo apt install python3-venv), then run the command again.`,
    like: ["3.11"],
    more: "Debian keeps a part of Python in a package of its own.",
  },
  oldPython: {
    part: "Python",
    say: (least, name, version) =>
      `Python >= ${least} is needed, ${name} is ${version}: install a newer one, or name one that you have with the environment variable PYTHON, then run the command again.`,
    like: ["3.10", "python3", "3.8"],
    more: "As in `PYTHON=/usr/local/bin/python3.12 npm start`. Python only serves JupyterLab; the lessons are TypeScript.",
  },
  noPython: {
    part: "Python",
    say: (least, where) =>
      `Python >= ${least} is needed and ${where}: install it (Debian and Ubuntu: sudo apt install python3 python3-venv; macOS: brew install python; or python.org), then run the command again.`,
    like: ["3.10", "there is none on the PATH"],
    more: "On Windows work in WSL, where Debian's line holds.",
  },
  pipDidNothing: {
    part: "Python",
    say: () => "pip installed nothing: remove .venv, then run the command again.",
    like: [],
    more: "A `.venv` that was copied from another folder installs there. Set-up makes a new one.",
  },

  disk: {
    part: "Disk, rights, network",
    say: (what) => `${what} failed because the disk is full: free some 3 GB, then run the command again.`,
    like: ["Installing the npm packages"],
    more: "It goes on where it stopped. `RLHF_LAB_CACHE` moves the largest part, TensorFlow, to another disk.",
  },
  permission: {
    part: "Disk, rights, network",
    say: (what) =>
      `${what} failed because a file or folder cannot be written: make this clone (and npm's and pip's caches in your home) yours with chown, or clone it elsewhere, then run the command again.`,
    like: ["Installing JupyterLab with pip"],
    more: "Often a command was once run with sudo: `sudo chown -R $USER .` in the clone, and in `~/.npm` and `~/.cache/pip`.",
  },
  network: {
    part: "Disk, rights, network",
    say: (what) =>
      `${what} failed because the package registry did not answer: check the network (or the proxy settings of npm and pip), then run the command again; it goes on where it stopped.`,
    like: ["Installing the npm packages"],
    more: "Behind a proxy: `npm config set proxy ...` and `pip config set global.proxy ...`. Once set up, everything works offline.",
  },

  slowEngine: {
    part: "TensorFlow",
    say: (why) =>
      `TensorFlow's fast engine is missing, and training takes some 50 times longer: ${why}, then run the command again.`,
    like: ["..."],
    more: "A warning: the course works, lessons with transformers (05, 13, 16 and some others) are slow. The reasons are those below. It is tried again after a day, or when a compiler appears.",
  },
  noCompiler: {
    part: "TensorFlow",
    say: () =>
      "there is no C++ compiler: install one (Debian and Ubuntu: sudo apt install g++; Fedora: sudo dnf install gcc-c++; macOS: xcode-select --install)",
    like: [],
    more: "It compiles TensorFlow's binding, which takes seconds. `CXX` names a compiler elsewhere.",
  },
  noWheel: {
    part: "TensorFlow",
    say: (version, system) => `there is no TensorFlow ${version} for ${system}`,
    like: ["2.21.0", "darwin-x64"],
    more: "There is one for Linux on x64 and arm64 and for Macs with Apple's processor; on Windows use WSL.",
  },
  noRoom: {
    part: "TensorFlow",
    say: (folder, gigabytes) =>
      `the disk of ${folder} has less than ${gigabytes} GB free (RLHF_LAB_CACHE moves that folder)`,
    like: ["~/.cache/rlhf-lab", 1.4],
    more: "The room is needed while the package is unpacked; most of it is free again after that.",
  },
  engineNetwork: {
    part: "TensorFlow",
    say: (what) => `${what}: the package registry did not answer`,
    like: ["downloading TensorFlow failed"],
    more: "The next start tries again.",
  },
  engineDisk: {
    part: "TensorFlow",
    say: (what) => `${what}: the disk is full (RLHF_LAB_CACHE moves the cache folder)`,
    like: ["unpacking TensorFlow failed"],
    more: "The next start tries again.",
  },
  engineOther: {
    part: "TensorFlow",
    say: (what) => `${what} (see ${LOG})`,
    like: ["c++ could not compile TensorFlow's binding"],
    more: "The log has all that the tool said. An old compiler does not know C++17: install a newer one, or name it in `CXX`.",
  },
  engineFailed: {
    part: "TensorFlow",
    say: (why) => `building TensorFlow failed: ${why}`,
    like: ["EACCES: permission denied, mkdir '~/.cache/rlhf-lab/engine'"],
    more: "What the system said stands behind the colon. The next start tries again.",
  },
  engineDoesNotWork: {
    part: "TensorFlow",
    say: () => `the TensorFlow that was built does not work here (see ${LOG})`,
    like: [],
    more: "It was built, and did not compute. An old processor (without AVX) cannot run it; the slow engine does the same.",
  },
  engineDoesNotLoad: {
    part: "TensorFlow",
    say: () => `TensorFlow was built but does not load (see ${LOG})`,
    like: [],
    more: "It worked where it was built and does not in its place: remove `~/.cache/rlhf-lab`, then run the command again.",
  },
  officialFailed: {
    part: "TensorFlow",
    say: (why) => `tfjs-node's own install script failed (${why})`,
    like: ["its download did not move"],
    more: "The second way to get the engine; many networks block the place it downloads from. Mend the first: a compiler, room, the registry.",
  },

  noSuchPart: {
    part: "The clone itself",
    say: () => "Usage: node scripts/setup.mjs [packages | project]: a part of the set-up, or all of it.",
    like: [],
    more: "For whoever builds an image: the Dockerfile shows both. Everybody else runs `npm start`.",
  },
  slowStart: {
    part: "The clone itself",
    say: (why) => `kernels take a second or two longer to start: the compiler's snapshot could not be made (${why}).`,
    like: ["not enough memory"],
    more: "Nothing else is missing. It is tried again when the library, the kernel or a package changes.",
  },
  doesNotCompile: {
    part: "The clone itself",
    say: () =>
      "lib or course does not compile: mend what is listed below, or undo it with git, then run the command again.",
    like: [],
    more: "Somebody changed a file in `lib/src` or `course`. `git status` shows which, `git checkout FILE` undoes it. Your own copies of the lessons, in `my-notebooks`, have no part in it.",
  },
  noKernelSpec: {
    part: "The clone itself",
    say: () => "course/jupyter/kernelspec/kernel.json is missing: get it back with git checkout course/jupyter.",
    like: [],
    more: "It tells JupyterLab how to start our kernel.",
  },
  notThere: {
    part: "The clone itself",
    say: (step) => `What "${step}" made is not there (see ${LOG}): run the command again.`,
    like: ["JupyterLab"],
    more: "Something removed it while it was made: a virus scanner, a clean-up, a second set-up from a copy of the folder.",
  },
  stopped: {
    part: "The clone itself",
    say: () => "Stopped; run the command again to go on.",
    like: [],
    more: "You pressed Ctrl-C. What was finished stays.",
  },
  unknown: {
    part: "The clone itself",
    say: (what) => `${what} failed; the end of its output is below, all of it in ${LOG}.`,
    like: ["Installing the npm packages"],
    more: "A failure that we have no name for. The log's first line says what runs where; with its end it makes a good report.",
  },

  badPort: {
    part: "JupyterLab",
    say: (text) => `--port needs a number from 1 to 65535, not ${text}: for example npm start -- --port 8899.`,
    like: ["http"],
    more: "What stands behind `--` goes to JupyterLab.",
  },
  portInUse: {
    part: "JupyterLab",
    say: (port) => `Port ${port} is in use: stop what uses it, or choose another with npm start -- --port ${port + 1}.`,
    like: [8888],
    more: "Without `--port` a free one is found by itself.",
  },
  portRefused: {
    part: "JupyterLab",
    say: (port, code) => `Port ${port} cannot be used (${code}): choose another with npm start -- --port 8899.`,
    like: [80, "EACCES"],
    more: "Ports below 1024 are the system's.",
  },
  jupyterEnded: {
    part: "JupyterLab",
    say: () => "JupyterLab ended: below is what it said last.",
    like: [],
    more: "All of it is in `.rlhf-lab/jupyter.log`. If a settings file is at fault, remove `.rlhf-lab/jupyter`: it holds JupyterLab's settings and no work of yours.",
  },
  noLessons: {
    part: "The clone itself",
    say: (why) =>
      `The lessons of this clone cannot be read (${why}): get them back with git checkout README.md notebooks, then run the command again.`,
    like: ["notebooks/01-what-does-a-comparison-tell-us.ipynb is missing"],
    more: "Perhaps a merge left its marks in them. Your own copies, in `my-notebooks`, are not touched by that command; answers in `notebooks` itself are: copy those first.",
  },
  noFolder: {
    part: "JupyterLab",
    say: (why) =>
      `Your copies of the lessons could not be laid out (${why}): make that place writable, or name another folder in RLHF_LAB_NOTEBOOKS, then run the command again.`,
    like: ["EACCES: permission denied, mkdir 'my-notebooks'"],
    more: "Your copies lie in `my-notebooks`, each as it was, or whole in its new version.",
  },
};

/** @type {Record<string, Sentence>} */
export const all = sentences;
