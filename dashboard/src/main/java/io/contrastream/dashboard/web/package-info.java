/** Serves the page: who may see it, its files, its events, and answers about single images. */
package io.contrastream.dashboard.web;
