package coppice.nn;

/** What is trained and how: everything of training but the data, the weights and the seed. */
public record Recipe(Model model, Loss loss, Optimiser optimiser, Schedule schedule) {}
