/**
 * The command line. {@link coppice.imp.cli.Coppice} is the main class; each command is a class of its own that parses, calls what
 * does the work, and prints. Errors of the user's making become one sentence and exit code 2.
 */
package coppice.imp.cli;
