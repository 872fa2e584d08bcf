/** The networks of the lottery ticket papers, each a page that reads like the paper's table. {@link Models} finds them by name. */
package coppice.nn.models;
