"""Wide blocks as equations between matrices, chosen by what the whole network's own metric says."""
