"""The addresses that the project serves: none."""

urlpatterns = []
