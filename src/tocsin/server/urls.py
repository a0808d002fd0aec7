"""Door and console in one process: one machine, three people."""

from __future__ import annotations

from tocsin.server import urls_console, urls_door

# the console first: the door answers for everything else below /api/
urlpatterns = [*urls_console.urlpatterns, *urls_door.urlpatterns]
handler404 = urls_door.handler404
handler400 = urls_door.handler400
handler403 = urls_door.handler403
handler500 = urls_door.handler500
