"""What other systems ask and decide by: JSON over HTTP, a key for each system. The rules behind it are everybody's."""
