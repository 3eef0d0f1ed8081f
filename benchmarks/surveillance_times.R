# CPU seconds of R surveillance on weekly counts, for benchmarks.time_series.
# usage: Rscript surveillance_times.R counts.csv weeks   (one series a row, no header; prints method, points, CPU s by tabs)
suppressMessages(library(surveillance))
given <- commandArgs(TRUE)
counts <- as.matrix(read.csv(given[1], header = FALSE))
weeks <- as.integer(given[2])
last <- (ncol(counts) - weeks + 1):ncol(counts)

timed <- function(name, detect) {
  spent <- system.time(for (i in seq_len(nrow(counts))) {
    series <- sts(observed = matrix(counts[i, ]), start = c(2001, 1), frequency = 52)
    suppressWarnings(detect(series))
  })
  cat(name, nrow(counts) * weeks, sprintf("%.3f", spent[1] + spent[2]), sep = "\t")
  cat("\n")
}

timed("farrington flexible", function(series) {
  farringtonFlexible(series, list(range = last, b = 5, w = 3, weightsThreshold = 2.58, noPeriods = 10,
    pastWeeksNotIncluded = 26, thresholdMethod = "nbPlugin", pThresholdTrend = 1, alpha = .01,
    verbose = FALSE, glmWarnings = FALSE))
})
timed("ears C1", function(series) earsC(series, list(range = last, method = "C1", alpha = .001)))
timed("cusum", function(series) cusum(series, list(range = last, k = 1.04, h = 2.26, m = NULL, trans = "standard")))
