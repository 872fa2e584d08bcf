package coppice.kernels;
