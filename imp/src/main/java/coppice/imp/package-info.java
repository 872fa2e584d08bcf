package coppice.imp;
