/** What the CPU backend promises beyond the contract of all backends: its pool, its threads, any width of vectors. */
package coppice.kernels.cpu;
