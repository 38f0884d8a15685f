import { driven } from "./driven.js";

driven("snapshot_checks.py");
