package io.contrastream.releases.folder;

/** Places of releases in one spelling: their announcements are compared as texts. */
final class Place {

    private static final String LOCAL = "file:/";

    private Place() {}

    /** A URI or path without a slash at its end, and if it is one of this machine's file system, with an empty authority. */
    static String of(String uri) {
        String bare = uri.length() > 1 && uri.endsWith("/") ? uri.substring(0, uri.length() - 1) : uri;
        return bare.startsWith(LOCAL) && !bare.startsWith(LOCAL + "/")
                ? "file:///" + bare.substring(LOCAL.length())
                : bare;
    }
}
