// Package locate works out where on a floor a tag is, and how sure that is,
// from how loudly the receivers hear it.
//
// The floor is a raster of cells, and a Belief says for each how likely the tag
// is there. Two things change it. As time passes, people walk: the belief
// spreads, no faster than people are and not through walls. As packets come,
// cells where the receivers would have heard something else become less likely.
// All else is read off the belief: the mean is the position, its covariance the
// ellipse, and what lies inside a zone's walls the zone's probability.
//
// What a receiver would hear is a Radio. Without a survey it is the log-distance
// law with the receiver's own loudness and exponent; where somebody walked a
// survey, a Gaussian process learns how the shelves bend that law, and knows how
// little it knows where nobody walked.
//
// The methods are published ones:
//   - log-distance path loss and shadowing: T. S. Rappaport, Wireless
//     Communications, 2nd ed., section 4.9; floors: S. Y. Seidel and
//     T. S. Rappaport, 914 MHz path loss prediction models for indoor wireless
//     communications in multifloored buildings, IEEE Trans. Antennas and
//     Propagation 40(2), 1992;
//   - Gaussian processes over signal strength: B. Ferris, D. Hähnel, D. Fox,
//     Gaussian processes for signal strength-based location estimation,
//     Robotics: Science and Systems, 2006; C. E. Rasmussen, C. K. I. Williams,
//     Gaussian Processes for Machine Learning, 2006, algorithm 2.1 and
//     section 5.4 (hyper-parameters by marginal likelihood);
//   - the Bayes filter on a raster: D. Fox, J. Hightower, L. Liao, D. Schulz,
//     G. Borriello, Bayesian filtering for location estimation, IEEE Pervasive
//     Computing 2(3), 2003;
//   - robust fitting: P. J. Huber, Robust estimation of a location parameter,
//     Annals of Mathematical Statistics 35(1), 1964.
//
// Gain is what the air leaves of a signal, in dB: received power less the power
// at one metre, so that tags of different loudness are alike.
package locate
