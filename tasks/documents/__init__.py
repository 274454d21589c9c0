"""The papers of the SOP as PDF/A: the lembar verifikasi before the gates, the Berita Acara and letters after them."""
