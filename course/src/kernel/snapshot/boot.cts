// Where process 2 begins when it starts from a snapshot: from there Node can require, and what is required can import.
import("../cells/main.js");
