"""The media that come with Argus Stream; what a medium is, and how others are added: `argus_media`, docs/media.md."""
