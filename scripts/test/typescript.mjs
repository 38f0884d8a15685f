// Tests and what they test run as the ES modules that they are. Turned into CommonJS, as the whole of tsx would, every
// call from one file to another goes through a getter: a fifth of the time of a test that does arithmetic.
import { register } from "tsx/esm/api";

register();
