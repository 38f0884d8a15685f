import { driven } from "./driven.js";

driven("interrupt_checks.py");
