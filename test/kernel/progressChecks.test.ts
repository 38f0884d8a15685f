import { driven } from "./driven.js";

driven("progress_checks.py");
