"""What is kept: backups, photos, archives, a person's data; and the doctor who looks after it."""
