import { driven } from "./driven.js";

driven("process_checks.py");
