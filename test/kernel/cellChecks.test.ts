import { driven } from "./driven.js";

driven("cell_checks.py");
