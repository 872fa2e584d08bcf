package coppice.imp;

import coppice.imp.store.Results;
import coppice.nn.Snapshot;

/** What one training came to: its row of results, and its weights. */
public record Outcome(Results.Row row, Snapshot end) {}
