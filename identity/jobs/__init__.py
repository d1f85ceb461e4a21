"""What a job asks before it ends or deletes many: the clock, and the limit of mass acts."""
