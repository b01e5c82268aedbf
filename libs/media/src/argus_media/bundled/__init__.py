"""The media that come with Argus Stream: what their destinations must say. Dispatch has what sends."""
