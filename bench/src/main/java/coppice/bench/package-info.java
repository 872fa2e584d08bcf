package coppice.bench;
