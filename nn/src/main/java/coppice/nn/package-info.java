package coppice.nn;
