/** Images and labels that come by themselves, brought together by id. Knows neither pixels nor the learner. */
package io.contrastream.operators.join;
