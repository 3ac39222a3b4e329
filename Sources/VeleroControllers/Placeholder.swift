// Replaced by the first reconciler.
