db_password = "q7#Lm2vX9"
